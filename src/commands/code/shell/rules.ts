import type { LineCommand } from "../../../base/process/shell-line.js";
import { deedOf } from "./options.js";
import { mentions, programOf } from "./programs.js";

/** Which commands a shell line may hold. `builtIn`: the user set no list, so only the few names of the original are refused. */
export type ShellRules = {
  control: "allowlist" | "denylist" | "off";
  names: readonly string[];
  builtIn: boolean;
  /** The names that a program goes by on this machine, links followed. */
  namesOf(program: string): Promise<readonly string[]>;
};

/** Why a line may not be run, for the model; null where it may. What cannot be parsed may not. */
export async function problemWithLine(line: string, rules: ShellRules): Promise<string | null> {
  if (rules.control === "off") return null;
  const { parseShellLine } = await import("../../../base/process/shell-line.js");
  const parsed = parseShellLine(line);
  if (parsed === null) return "it cannot be parsed as a shell command";
  if (parsed.unclear !== null && (!rules.builtIn || mentions(line, rules.names)))
    return `it has syntax that hides which commands it runs (${parsed.unclear})`;
  if (parsed.redirects && !rules.builtIn) return "it reads from or writes to a file with < or >; use the file commands";
  for (const command of parsed.commands) {
    const problem = await problemWithCommand(command, rules);
    if (problem !== null) return problem;
  }
  return null;
}

async function problemWithCommand({ name, words, assigns }: LineCommand, rules: ShellRules): Promise<string | null> {
  if (name === null && words.length === 0 && assigns) return rules.builtIn ? null : "it sets a variable";
  if (assigns && !rules.builtIn) return "it sets a variable before a command";
  if (name === null) return "the name of a command in it is not written out";
  const own = await problemWithName(name, rules);
  if (own !== null) return own;
  const { program, isTransparent, isShell } = programOf(name);
  // xargs adds words that it reads to the command behind it; they are not known.
  if (program === "xargs" && words.length > 0) return problemWithWrapped(program, [...words, null], rules);
  if (isTransparent) return problemWithWrapped(program, words, rules);
  if (isShell) return problemWithShell(program, words, rules);
  return problemWithWords(program, words, rules);
}

async function problemWithName(name: string, { control, names, builtIn, namesOf }: ShellRules): Promise<string | null> {
  if (name.includes("/") && !builtIn) return `${name} is a path; name commands without one`;
  if (control === "allowlist") return names.includes(name) ? null : `${name} is not on the user's list`;
  const spellings = [programOf(name).program, ...(await namesOf(name))];
  if (!spellings.some((spelling) => mentions(spelling, names))) return null;
  return builtIn
    ? `${name} is refused here unless the user says otherwise`
    : `${name} is on the user's list of refused commands`;
}

/** `env x`, `xargs x`: the command behind the wrapper is judged, where it can be told. */
async function problemWithWrapped(
  wrapper: string,
  words: (string | null)[],
  rules: ShellRules,
): Promise<string | null> {
  const [first, ...rest] = words;
  if (first === undefined) return null;
  if (first === null || /^-|=|[^\w.+/@%:,-]/.test(first)) return `it does not say plainly what ${wrapper} starts`;
  return problemWithCommand({ name: first, words: rest, assigns: false, assigned: [], input: null }, rules);
}

/** `sh -c 'x'`: the text is judged as a line. A script file may hold anything, so it passes by the built-in list only. */
async function problemWithShell(shell: string, words: (string | null)[], rules: ShellRules): Promise<string | null> {
  const [flag, text, ...rest] = words;
  if (flag === "-c" && typeof text === "string" && rest.length === 0) return problemWithLine(text, rules);
  const isScript = typeof flag === "string" && !flag.startsWith("-") && flag !== "";
  return isScript && rules.builtIn ? null : `it does not say plainly what ${shell} runs`;
}

function problemWithWords(program: string, words: (string | null)[], rules: ShellRules): string | null {
  const { isOpaque, isRereading } = programOf(program);
  if (isRereading && words.some((word) => word !== null && /\$\(|`/.test(word)))
    return `${program} may run a text in it`;
  if (rules.builtIn) {
    const hidden = words.some((word) => (word === null ? program === "eval" : mentions(word, rules.names)));
    return hidden && (isOpaque || program === "find") ? `${program} may run other commands` : null;
  }
  if (isOpaque) return `${program} may run other commands`;
  const deed = deedOf(program, words);
  if (deed === "unknown") return `the words behind ${program} are not written out`;
  if (deed !== null) return `${program} ${deed} by an option in it`;
  return rules.control === "denylist" ? problemWithText(program, words, rules.names) : null;
}

/** Under a denylist, a program that is not known to take words for data may run those that are names of commands. */
function problemWithText(program: string, words: (string | null)[], names: readonly string[]): string | null {
  const { isScripted, isInterpreter, takesData } = programOf(program);
  if (isScripted || (isInterpreter && runsText(words))) return `${program} may run other commands`;
  if (takesData) return null;
  const written = words.filter((word) => word !== null);
  if (written.some((word) => programOf(word).isShell)) return `${program} may run other commands`;
  return written.some((word) => mentions(word, names))
    ? `a word behind ${program} is on the user's list of refused commands, and ${program} may run it`
    : null;
}

/** Whether an interpreter runs code from its command line or standard input, which is not looked into. */
const runsText = (words: (string | null)[]): boolean =>
  words.length === 0 ||
  words.some((word, index) => word === null || word === "-" || (index === 0 && !/\.\w+$/.test(word)));
