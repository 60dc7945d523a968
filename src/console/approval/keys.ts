import { commandLine } from "../../base/process/command-line.js";

/** What each answer to the question about a command does, a line each. */
export const keysHelp = (aiName: string): readonly string[] => [
  "y        run it (yes)",
  "y -N     run it and the next N-1 commands",
  `n        end the run; ${commandLine("--resume")} goes on later (no, q, quit, exit)`,
  "a        run it, and calls like it from now on without asking: shows the rule first",
  "e        edit its arguments, and be asked again",
  "v        show all of it",
  `a text   is sent to ${aiName} as feedback; the command does not run`,
  "Ctrl-C   twice: end the run. While the AI works, Esc or Ctrl-C once: stop the step, and say something",
];

/** The question itself on a terminal, where the preview stands above it. */
export const shortQuestion = (aiName: string, isFolded: boolean): string =>
  `y, y -N, n, a (always), e (edit), ${isFolded ? "v (view all), " : ""}? (help), or feedback for ${aiName}\nInput: `;

/** The question elsewhere, in the original's words. */
export const question = (aiName: string): string =>
  `Enter 'y' to authorise command, 'y -N' to run N continuous commands, 'n' to exit program, or enter feedback for ${aiName}...\nInput: `;
