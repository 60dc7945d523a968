import type { HookMoment, RecordedHook } from "../history/events/hooks.js";

/** A program of the user's that is run at a moment of a run. */
export type Hook = {
  event: HookMoment;
  /** `FILE, line N` where it is named. */
  place: string;
  /** As it was written. */
  line: string;
  /** The program's path; null where there is none. */
  program: string | null;
  args: readonly string[];
  /** All of the environment that it has. */
  env: Readonly<Record<string, string>>;
  /** Where it runs. */
  folder: string;
  /** The commands that it is run for; null: all. */
  commands: readonly string[] | null;
  timeoutMs: number;
  required: boolean;
  /** Files of the user's that it is made of, and a digest of these and of all above. */
  files: readonly string[];
  digest: string;
};

/** What of a hook stands in the journal. */
export const recordedHookOf = ({ event, line, commands, required }: Hook): RecordedHook => ({
  ...{ event, program: line, required },
  ...(commands && { commands }),
});
