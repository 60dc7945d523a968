import { wordList } from "../../base/text.js";
import type { LineCommand } from "./shell-line.js";

/** Which commands a shell line may hold. `builtIn`: the user set no list, so only the few names of the original are refused. */
export type ShellRules = {
  control: "allowlist" | "denylist" | "off";
  names: readonly string[];
  builtIn: boolean;
  /** The names that a program goes by on this machine, links followed. */
  namesOf(program: string): Promise<readonly string[]>;
};

/** Programs that start the command behind them, which is therefore looked at. */
const transparent = new Set(wordList("builtin command env exec nice nohup setsid time xargs"));
const shells = new Set(wordList("ash bash csh dash fish ksh mksh rbash sh tcsh zsh"));
/** Programs that run texts as commands, change what names mean, or start others in ways that cannot be followed. */
const opaque = new Set(
  wordList(`
    . alias at batch bind busybox chroot chrt complete coproc crontab declare doas enable entr env-run eval expect
    export fc flock gdb hash ionice local ltrace mapfile nsenter parallel pkexec prlimit readarray readonly run-parts
    runuser script set setpriv shopt source ssh start-stop-daemon stdbuf strace systemd-run taskset timeout toybox
    trap typeset unalias unbuffer unshare watch
  `),
);
const interpreters = /^(python|perl|ruby|node|nodejs|php|lua|tclsh)[\d.]*$/;
/** Programs whose own scripts can start others. */
const scripted = new Set(wordList("awk ed emacs ex gawk m4 mawk nawk sed vi vim"));
/** Commands that evaluate array subscripts in their words, which can hold a substitution. */
const rereading = new Set(wordList("[ getopts let printf read test unset wait"));

export const isShell = (program: string): boolean => shells.has(program);

/** Whether a program may start what it is given. */
export const startsOthers = (program: string): boolean =>
  transparent.has(program) || opaque.has(program) || program === "find";

/** Why a line may not be run, for the model; null where it may. What cannot be parsed may not. */
export async function problemWithLine(line: string, rules: ShellRules): Promise<string | null> {
  if (rules.control === "off") return null;
  const { parseShellLine } = await import("./shell-line.js");
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
  const program = name.slice(name.lastIndexOf("/") + 1);
  // xargs adds words that it reads to the command behind it; they are not known.
  if (program === "xargs" && words.length > 0) return problemWithWrapped(program, [...words, null], rules);
  if (transparent.has(program)) return problemWithWrapped(program, words, rules);
  if (shells.has(program)) return problemWithShell(program, words, rules);
  return problemWithWords(program, words, rules);
}

async function problemWithName(name: string, { control, names, builtIn, namesOf }: ShellRules): Promise<string | null> {
  if (name.includes("/") && !builtIn) return `${name} is a path; name commands without one`;
  if (control === "allowlist") return names.includes(name) ? null : `${name} is not on the user's list`;
  const spellings = [name.slice(name.lastIndexOf("/") + 1), ...(await namesOf(name))];
  return spellings.some((spelling) => names.some((refused) => refused.toLowerCase() === spelling.toLowerCase()))
    ? `${name} is on the user's list of refused commands`
    : null;
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
  return problemWithCommand({ name: first, words: rest, assigns: false }, rules);
}

/** `sh -c 'x'`: the text is judged as a line. A script file may hold anything, so it passes by the built-in list only. */
async function problemWithShell(shell: string, words: (string | null)[], rules: ShellRules): Promise<string | null> {
  const [flag, text, ...rest] = words;
  if (flag === "-c" && typeof text === "string" && rest.length === 0) return problemWithLine(text, rules);
  const isScript = typeof flag === "string" && !flag.startsWith("-") && flag !== "";
  return isScript && rules.builtIn ? null : `it does not say plainly what ${shell} runs`;
}

function problemWithWords(program: string, words: (string | null)[], rules: ShellRules): string | null {
  if (rereading.has(program) && words.some((word) => word !== null && /\$\(|`/.test(word)))
    return `${program} may run a text in it`;
  if (rules.builtIn) {
    const hidden = words.some((word) => (word === null ? program === "eval" : mentions(word, rules.names)));
    return hidden && (opaque.has(program) || program === "find") ? `${program} may run other commands` : null;
  }
  if (opaque.has(program)) return `${program} may run other commands`;
  if (program === "find" && words.some((word) => word === null || /^-(exec|ok|fprint|fls)/.test(word)))
    return "find may run other commands in it";
  if (rules.control === "denylist" && (scripted.has(program) || (interpreters.test(program) && runsText(words))))
    return `${program} may run other commands`;
  return null;
}

/** Whether an interpreter runs code from its command line or standard input, which is not looked into. */
const runsText = (words: (string | null)[]): boolean =>
  words.length === 0 ||
  words.some((word, index) => word === null || word === "-" || (index === 0 && !/\.\w+$/.test(word)));

const mentions = (text: string, names: readonly string[]): boolean => {
  const words = new Set(text.split(/[^\w.-]+/));
  return names.some((name) => words.has(name));
};
