import type { CommandContext, Review } from "../../command.js";
import type { LineCommand } from "../../../base/process/shell-line.js";
import { reachOfCode } from "../reach-of-code.js";
import { namesWithin, programOf, startsOthers } from "./programs.js";
import { requestsOf } from "./requests.js";
import { problemWithLine } from "./rules.js";

/** What of a line the user's rules are compared with; see Review. */
type Parts = { subjects: string[]; mentions: string[] };

/**
 * The commands of a line as texts for the user's rules. One that is named by a path is there by its plain name as well,
 * and one that starts others with everything that it may start. Null where the line may do more than these texts say.
 */
async function partsOf(line: string): Promise<Parts | null> {
  const { parseShellLine } = await import("../../../base/process/shell-line.js");
  const parsed = parseShellLine(line);
  if (parsed === null || parsed.unclear !== null || parsed.redirects) return null;
  const parts: Parts = { subjects: [], mentions: [] };
  for (const command of parsed.commands) {
    const found = await partsOfCommand(command);
    if (found === null) return null;
    parts.subjects.push(...found.subjects);
    parts.mentions.push(...found.mentions);
  }
  return parts;
}

async function partsOfCommand({ name, words, assigns }: LineCommand): Promise<Parts | null> {
  if (name === null || assigns || !words.every((word) => word !== null)) return null;
  const { program, isShell } = programOf(name);
  const own = { subjects: spellings([name, ...words]), mentions: mentionsOf(program, words) };
  if (isShell) {
    const [flag, text, ...rest] = words;
    if (flag === undefined || !flag.startsWith("-")) return own;
    const inner = flag === "-c" && text !== undefined && rest.length === 0 ? await partsOf(text) : null;
    return inner && { subjects: [...own.subjects, ...inner.subjects], mentions: inner.mentions };
  }
  if (!startsOthers(program) || words.length === 0) return own;
  // A word may be a whole line for a shell, and xargs reads words from elsewhere: these cannot be told.
  if (program === "xargs" || words.some((word) => programOf(word).isShell)) return null;
  if (program !== "find" && words.some((word) => /[\s;&|<>()$`]/.test(word))) return null;
  const started = words.flatMap((_word, index) => spellings(words.slice(index)));
  return { subjects: [...own.subjects, ...started], mentions: own.mentions };
}

/** So many words of a program are looked at, each with those behind it. */
const mostWords = 200;

/** What a program would run if it took its words, or parts of them, for commands: it may, unless it is known not to. */
function mentionsOf(program: string, words: readonly string[]): string[] {
  if (programOf(program).takesData) return [];
  return words.slice(0, mostWords).flatMap((word, index) => {
    const names = namesWithin(word).map((name) => programOf(name).program);
    const behind = words.slice(index + 1);
    return names.slice(0, mostWords).map((_name, at) => [...names.slice(at), ...behind].join(" "));
  });
}

function spellings([name = "", ...words]: readonly string[]): string[] {
  const written = [name, ...words].join(" ");
  return name.includes("/") ? [written, [programOf(name).program, ...words].join(" ")] : [written];
}

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
  const parts = await partsOf(line);
  return {
    unconfined: sandbox?.confined === false,
    subjects: parts && parts.subjects,
    mentions: parts?.mentions ?? [],
    ...reachOfCode(sandbox, context.code.sandboxes, await requestsOf(line)),
  };
}
