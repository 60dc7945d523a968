import { existsSync } from "node:fs";
import type { RunOptions } from "../api/run.js";
import { isYes } from "../console/input/ask.js";
import type { RecordedRun } from "../history/read-run.js";
import { readRunNamed } from "../history/read-run.js";
import { isCompleted } from "../history/resume.js";
import { lockHolderOf, runsDirectory } from "../history/runs.js";
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
    return { kind: "run", workspace, run: { settings: { fork: run }, tell: wholeText(said) } };
  return { kind: "run", workspace, run: { resume: run, ...(goesOn(recorded, said) ? {} : { tell: wholeText(said) }) } };
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
