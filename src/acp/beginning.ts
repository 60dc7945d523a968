import { existsSync } from "node:fs";
import type { RunOptions } from "../api/run.js";
import { isYes } from "../console/input/ask.js";
import { openMessages } from "../history/questions/messages.js";
import { type RecordedRun, readRunNamed } from "../history/read-run.js";
import { isCompleted } from "../history/resume.js";
import { lockHolderOf, runDirectory, runsDirectory } from "../history/runs.js";
import { neutralName, neutralRole } from "../run/ai/choose-ai.js";
import type { Settings } from "../settings/schema.js";
import { goalOf, wholeText, type Said } from "./prompt-text.js";
import { runsOfSession } from "./stored-sessions.js";

/** What a prompt sets going. `elsewhere`: another process works on the session's run. */
export type Beginning =
  | { kind: "run"; run: Pick<RunOptions, "ai" | "settings" | "resume" | "tell">; workspace: string | null }
  | { kind: "elsewhere"; run: string };

/**
 * What a prompt of a session sets going: its first one a new run, whose goal it is, or whose AI of the settings file is told it; a later
 * one goes on with the run, which is told it. Behind an end that nothing can go on from, a completed task or a used limit, that is a run
 * of its own which takes over what happened.
 */
export async function beginningFor(session: string, said: Said, settings: Settings): Promise<Beginning> {
  const { home, aiSettingsFile } = settings;
  const last = (await runsOfSession(home, session)).at(-1);
  if (last === undefined) return { kind: "run", workspace: null, run: newRun(said, aiSettingsFile) };
  const { run } = last;
  if (lockHolderOf(home, run) !== null) return { kind: "elsewhere", run };
  const recorded = await readRunNamed(runsDirectory(home), run);
  const { workspace } = recorded.start;
  if (isCompleted(recorded) || recorded.end?.reason.startsWith("limit-"))
    return { kind: "run", workspace, run: { settings: { fork: run }, tell: await allSaid(home, recorded, said) } };
  return { kind: "run", workspace, run: { resume: run, ...(goesOn(recorded, said) ? {} : { tell: wholeText(said) }) } };
}

/** What is said now, behind what was said to the run too late for it to hear: the run that is made from it hears that. */
async function allSaid(home: string, { run, heard }: RecordedRun, said: Said): Promise<string> {
  const late = await openMessages(runDirectory(home, run), heard, () => undefined).unheard();
  return [late?.text ?? "", wholeText(said)].filter((text) => text !== "").join("\n\n");
}

/** Whether something was said to a run that it has not heard. */
export async function isLeftUnheard(home: string, run: string): Promise<boolean> {
  const recorded = await readRunNamed(runsDirectory(home), run);
  return (await allSaid(home, recorded, { words: "", attached: "" })) !== "";
}

function newRun(said: Said, aiSettingsFile: string): Pick<RunOptions, "ai" | "tell"> {
  if (existsSync(aiSettingsFile)) return { tell: wholeText(said) };
  const { goal, tell } = goalOf(said);
  return { ai: { name: neutralName, role: neutralRole, goals: [goal] }, ...(tell !== null && { tell }) };
}

/** Words that only say that a run is to go on: its question is put again, since a yes is to what was seen. */
const goesOn = ({ open }: RecordedRun, { words, attached }: Said): boolean =>
  open !== null &&
  attached === "" &&
  (isYes(words) || /^(?:go on|continue|resume|ok(?:ay)?)[.!]?$/i.test(words.trim()));
