import type { Sandboxes } from "../../sandbox/sandboxes.js";
import type { Jobs } from "../../sandbox/jobs.js";
import type { ProgramLimits } from "../../sandbox/sandbox.js";
import type { ShellRules } from "./shell/rules.js";

/** What commands that run code work with. */
export type CodeContext = {
  sandboxes: Sandboxes;
  limits: ProgramLimits;
  /** Null where the user does not let shell commands be run. */
  shell: ShellRules | null;
  jobs: Jobs;
  /** Hears what a program writes, as it comes. */
  onOutput?: ((text: string) => void) | undefined;
  /** A hash of the workspace that differs after something in it has changed; null where others find that out. */
  printOfWorkspace(): Promise<string | null>;
};
