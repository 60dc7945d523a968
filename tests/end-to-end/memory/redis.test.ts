import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { reply } from "../../support/services/fake-open-ai.js";
import { eventsOfType } from "../../support/program.js";
import { startRedis, type RedisServer } from "../../support/services/redis-server.js";
import { scriptedWorld } from "../support/scripted-world.js";

const steps = 6;

/** Writes a file a step, then says that it is done; `during` happens before the answer of a step, by its number. */
async function worldWithRedis(t: TestContext, during: Record<number, (server: RedisServer) => Promise<void>>) {
  const server = await startRedis(t);
  if (server === null) return null;
  const world = await scriptedWorld(
    t,
    async (_request, index) => {
      const step = (index % steps) + 1;
      await during[index + 1]?.(server);
      if (step === steps) return reply("task_complete", { reason: "done" });
      return reply("write_to_file", { file: `${index}.txt`, text: `text of step ${index}` });
    },
    { env: { MEMORY_BACKEND: "redis", REDIS_HOST: "127.0.0.1", REDIS_PORT: String(server.port) } },
  );
  return { server, world };
}

const recordsOn = async (server: RedisServer): Promise<number> =>
  ((await server.command("KEYS", "auto-gpt:*:record:*")) as string[]).length;

test("Redis stopped in the middle of a run and started again: the run ends with its code, every record is there", async (t) => {
  const given = await worldWithRedis(t, { 3: (server) => server.kill(), 5: (server) => server.start() });
  if (given === null) return;
  const { server, world } = given;
  const { code, stderr } = await world.run(["-c"]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Redis at 127\.0\.0\.1:\d+ is down.*redis-queue\.jsonl/);
  assert.match(stderr, /Memory failed, and the run goes on without it: Redis at .* is down/);
  assert.match(stderr, /that had to wait (is|are) delivered/);
  assert.equal(await recordsOn(server), steps);
  assert.equal(eventsOfType(await world.journal(), "step-remembered").length, steps);
});

test("what a run could not deliver, the next one does, and recalls it", async (t) => {
  const given = await worldWithRedis(t, { 3: (server) => server.kill() });
  if (given === null) return;
  const { server, world } = given;
  const first = await world.run(["-c"]);
  assert.equal(first.code, 0, first.stderr);
  // What the step before left may be on its way, or there, while an answer is made.
  assert.match(first.stderr, /[45] memory records could not be delivered and wait in .*the next run delivers them/);

  const without = await world.run(["-c"]);
  assert.equal(without.code, 2, "a run does not begin without its memory");
  assert.match(without.stderr, /Redis at 127\.0\.0\.1:\d+ cannot be used.*REDIS_HOST.*MEMORY_BACKEND=local/s);

  await server.start();
  const second = await world.run(["-c"]);
  assert.equal(second.code, 0, second.stderr);
  assert.equal(await recordsOn(server), 2 * steps);
  assert.match(JSON.stringify(world.messages(steps).at(-1)), /events from your past.*text of step 3/s);
});

test("pitfalls 2, 9: memory and foreign keys survive a start; WIPE_REDIS_ON_START forgets only this AI's, and not on resume", async (t) => {
  const given = await worldWithRedis(t, {});
  if (given === null) return;
  const { server, world } = given;
  await server.command("SET", "somebody", "else's");
  for (let run = 1; run <= 2; run += 1) await world.run(["-c", "-l", "1"]);
  assert.equal(await recordsOn(server), 2);

  const env = { WIPE_REDIS_ON_START: "True" };
  const stopped = await world.run(["-c", "-l", "2"], { env });
  assert.equal(stopped.code, 5, stopped.stderr);
  assert.equal(await recordsOn(server), 2);
  const resumed = await world.run(["--resume", "-c", "-l", "3"], { env });
  assert.equal(resumed.code, 5, resumed.stderr);
  assert.equal(await recordsOn(server), 3);
  assert.equal(await server.command("GET", "somebody"), "else's");
});
