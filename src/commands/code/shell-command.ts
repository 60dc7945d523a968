import type { CommandContext, Review } from "../command.js";
import { partsOf } from "./shell-parts.js";
import { problemWithLine } from "./shell-rules.js";

/** The original's words, to a model that uses the shell although it may not. */
export const shellNotAllowed =
  "You are not allowed to run local shell commands. To execute shell commands, EXECUTE_LOCAL_COMMANDS must be set to 'True' in your config. Do not attempt to bypass the restriction.";

/** Why a line may not be run; null where it may. Asked before the user is, and again before it runs. */
export async function refusalOf(line: string, { code }: CommandContext): Promise<string | null> {
  if (code.shell === null) return shellNotAllowed;
  const problem = await problemWithLine(line, code.shell);
  if (problem === null) return null;
  return `Error: This Shell Command is not allowed: ${problem}. Do not try it again in another form.`;
}

/** What has to be known of a shell line: every command in it is compared with the user's rules. */
export async function reviewLine(line: string, context: CommandContext): Promise<Review> {
  const refusal = await refusalOf(line, context);
  if (refusal !== null) return { refusal };
  const { sandbox } = await context.code.places.choice("shell");
  return { unconfined: sandbox?.confined === false, subjects: await partsOf(line) };
}
