import type { CommandContext, Review } from "../command.js";
import type { LineCommand } from "./shell-line.js";
import { isShell, startsOthers, problemWithLine } from "./shell-rules.js";

/**
 * The commands of a line as texts for the user's rules. One that is named by a path is there by its plain name as well,
 * and one that starts others with everything that it may start. Null where the line may do more than these texts say.
 */
async function partsOf(line: string): Promise<string[] | null> {
  const { parseShellLine } = await import("./shell-line.js");
  const parsed = parseShellLine(line);
  if (parsed === null || parsed.unclear !== null || parsed.redirects) return null;
  const parts: string[] = [];
  for (const command of parsed.commands) {
    const found = await partsOfCommand(command);
    if (found === null) return null;
    parts.push(...found);
  }
  return parts;
}

async function partsOfCommand({ name, words, assigns }: LineCommand): Promise<string[] | null> {
  if (name === null || assigns || !words.every((word) => word !== null)) return null;
  const program = plainName(name);
  const own = spellings([name, ...words]);
  if (isShell(program)) {
    const [flag, text, ...rest] = words;
    if (flag === undefined || !flag.startsWith("-")) return own;
    const inner = flag === "-c" && text !== undefined && rest.length === 0 ? await partsOf(text) : null;
    return inner && [...own, ...inner];
  }
  if (!startsOthers(program) || words.length === 0) return own;
  // A word may be a whole line for a shell, and xargs reads words from elsewhere: these cannot be told.
  if (program === "xargs" || words.some((word) => isShell(plainName(word)))) return null;
  if (program !== "find" && words.some((word) => /[\s;&|<>()$`]/.test(word))) return null;
  return [...own, ...words.flatMap((_word, index) => spellings(words.slice(index)))];
}

function spellings([name = "", ...words]: readonly string[]): string[] {
  const written = [name, ...words].join(" ");
  return name.includes("/") ? [written, [plainName(name), ...words].join(" ")] : [written];
}

const plainName = (name: string): string => name.slice(name.lastIndexOf("/") + 1);

/** The original's answer to a model that uses the shell although it may not. */
const shellNotAllowed =
  "You are not allowed to run local shell commands. To execute shell commands, EXECUTE_LOCAL_COMMANDS must be set to 'True' in your config. Do not attempt to bypass the restriction.";

/** Why a line may not be run; null where it may. Asked before the user is, and again before it runs. */
export async function refusalOf(line: string, { code }: CommandContext): Promise<string | null> {
  if (code.shell === null) return shellNotAllowed;
  const problem = await problemWithLine(line, code.shell);
  if (problem === null) return null;
  return `Error: This Shell Command is not allowed: ${problem}. Do not try it again in another form.`;
}

/** The review of a shell line, for which every command in it is compared with the user's rules. */
export async function reviewLine(line: string, context: CommandContext): Promise<Review> {
  const refusal = await refusalOf(line, context);
  if (refusal !== null) return { refusal };
  const { sandbox } = await context.code.sandboxes.choice("shell");
  return { unconfined: sandbox?.confined === false, subjects: await partsOf(line) };
}
