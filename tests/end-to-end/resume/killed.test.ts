import { test, type TestContext } from "node:test";
import { long } from "../../support/program.js";
import { seededNumbers } from "../../support/seeded-numbers.js";
import { bubblewrap, needsPrograms } from "../../support/services/services.js";
import { endsAsUndisturbed, killedAt, killedWorld, undisturbed, type KillPoint } from "./killed-run.js";

let measured: ReturnType<typeof undisturbed> | undefined;
/** How a run goes that nobody disturbs, found out once. */
const undisturbedOnce = (t: TestContext): ReturnType<typeof undisturbed> => (measured ??= undisturbed(t));

const seed = Number(process.env["AUTOGPT_TEST_SEED"] ?? Date.now() % 1_000_000);

test("killed behind each line of the journal, and around each change of the workspace, a run ends as if undisturbed", async (t) => {
  if (!(await needsPrograms(t, bubblewrap))) return;
  const whole = await undisturbedOnce(t);
  const points = (["journal", "rename", "unlink", "mkdir", "write"] as const).flatMap((call) =>
    Array.from({ length: whole.counts[call] }, (_, index) => index + 1).flatMap((number): KillPoint[] =>
      call === "journal" || call === "mkdir"
        ? [{ call, when: "after", number }]
        : [
            { call, when: "before", number },
            { call, when: "after", number },
          ],
    ),
  );
  const random = seededNumbers(seed);
  const chosen = long ? points : [points[Math.floor(random() * points.length)] as KillPoint];
  t.diagnostic(`${chosen.length} of ${points.length} points, ${JSON.stringify(whole.counts)}, seed ${seed}`);
  let killed = 0;
  for (const point of chosen) killed += (await killedAt(t, point, whole)) ? 1 : 0;
  t.diagnostic(`${killed} kills`);
});

test("killed at random moments again and again, a run ends as if undisturbed", async (t) => {
  if (!(await needsPrograms(t, bubblewrap))) return;
  const whole = await undisturbedOnce(t);
  const random = seededNumbers(seed + 1);
  const wanted = long ? 500 : 2;
  let [kills, runs] = [0, 0];
  for (; kills < wanted; runs += 1) {
    const { world } = await killedWorld(t);
    for (let args = ["-c"]; kills < wanted; args = ["--resume", "-c"]) {
      const running = world.start(args);
      const timer = setTimeout(() => running.child.kill("SIGKILL"), random() * whole.ms);
      const { signal } = await running.ended;
      clearTimeout(timer);
      if (signal !== "SIGKILL") break;
      kills += 1;
    }
    await endsAsUndisturbed(world, whole, `run ${runs + 1}, after ${kills} kills, seed ${seed}`);
  }
  t.diagnostic(`${kills} kills in ${runs} runs, one undisturbed takes ${whole.ms} ms; seed ${seed}`);
});
