import * as z from "zod";
import type { Mask } from "../../base/mask.js";
import { SettingsError } from "../../errors.js";
import { answerQuestion, readQuestion } from "../../history/questions/answer.js";
import { answerLive } from "../../history/questions/answers-file.js";
import { tellRun } from "../../history/questions/messages.js";
import { readRunNamed } from "../../history/read-run.js";
import { isCompleted } from "../../history/resume.js";
import type { FleetRuns } from "../run/run-place.js";
import { lockHolderOf, runDirectory, runsDirectory } from "../../history/runs.js";

export type ActionPlace = { home: string; run: string; mask: Mask };

const answerBody = z.strictObject({
  step: z.int().min(1),
  question: z.string().min(1),
  answer: z.enum(["run", "deny", "feedback", "stop"]),
  text: z.string().max(100_000).exactOptional(),
});
const tellBody = z.strictObject({ text: z.string().max(100_000) });

/** What the page may ask for. Each resolves to a sentence about what was done, and throws SettingsError where that cannot be. */
export const actions: ReadonlyMap<string, (place: ActionPlace, body: unknown) => Promise<string>> = new Map([
  ["answer", (place, body) => answer(place, parsed(answerBody, body))],
  ["tell", (place, body) => tell(place, parsed(tellBody, body).text)],
  ["stop", (place) => stop(place)],
]);

/** The same for a run of a fleet, which is stopped by cancelling it. */
export const fleetActions: ReadonlyMap<string, (fleet: FleetRuns, run: string, body: unknown) => Promise<string>> =
  new Map([
    ["answer", async (fleet, run, body) => fleet.answer(run, parsed(answerBody, body))],
    ["tell", async (fleet, run, body) => fleet.tell(run, requireWords(parsed(tellBody, body).text))],
    ["cancel", (fleet, run) => fleet.act(run, "cancel")],
    ["retry", (fleet, run) => fleet.act(run, "retry")],
  ]);

function requireWords(said: string): string {
  const text = said.trim();
  if (text === "") throw new SettingsError("Say something.");
  return text;
}

function parsed<Body>(shape: z.ZodType<Body>, body: unknown): Body {
  const { data, error } = shape.safeParse(body);
  if (data !== undefined) return data;
  throw new SettingsError(`This cannot be understood: ${error?.issues[0]?.message ?? "it is empty"}.`);
}

async function answer(place: ActionPlace, body: z.infer<typeof answerBody>): Promise<string> {
  const { home, run, mask } = place;
  const { step, question, answer: what } = body;
  const text = mask(body.text?.trim() ?? "");
  const { parked, live } = await readQuestion(home, run);
  if (parked.question !== question || parked.step !== step)
    throw new SettingsError("The run asks something else by now, so nothing was answered.");
  if (what === "feedback" && text === "") throw new SettingsError("Say something.");
  if (live !== null) {
    const given = { answer: what, ...(text !== "" && { text }) };
    await answerLive(runDirectory(home, run), { step, question }, given, new Date());
    return "Answered. The run goes on.";
  }
  if (what === "stop") throw new SettingsError("The run has stopped at this question already.");
  if (what === "feedback") return tell(place, text);
  await answerQuestion(
    home,
    { run, question },
    { answer: what, ...(what === "deny" && text !== "" && { text }) },
    mask,
  );
  return what === "run" ? "Approved. It runs when the run goes on." : "Denied. The AI is told when the run goes on.";
}

async function tell({ home, run, mask }: ActionPlace, said: string): Promise<string> {
  const text = mask(requireWords(said));
  const isGoingOn = lockHolderOf(home, run) !== null;
  if (!isGoingOn && isCompleted(await readRunNamed(runsDirectory(home), run)))
    throw new SettingsError("The run has completed, so it hears nothing any more.");
  await tellRun(runDirectory(home, run), text, new Date());
  return isGoingOn ? "Said. It is heard before the next step." : "Said. It is heard when the run goes on.";
}

/** What one Ctrl-C at the run's terminal does. */
async function stop({ home, run }: ActionPlace): Promise<string> {
  const pid = lockHolderOf(home, run);
  // 0 and 1 are no run's: the one stands for a whole group of processes.
  if (pid === null || pid <= 1) throw new SettingsError("No process works on this run.");
  if (pid === process.pid) throw new SettingsError("The run is in this process.");
  if (process.platform === "win32") throw new SettingsError("On Windows a run is stopped at its own terminal.");
  try {
    process.kill(pid, "SIGINT");
  } catch (thrown) {
    throw new SettingsError(`The process ${pid} cannot be told to stop.`, { cause: thrown });
  }
  return Promise.resolve(`Process ${pid} was told to stop, as by Ctrl-C.`);
}
