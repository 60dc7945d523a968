import type { LineCommand } from "./shell-line.js";

/** Which commands a shell line may hold. `builtIn`: nobody has set a list, so the original's few names are refused. */
export type ShellRules = {
  control: "allowlist" | "denylist" | "off";
  names: readonly string[];
  builtIn: boolean;
  /** The names that a program goes by on this machine, links followed. */
  namesOf(program: string): Promise<readonly string[]>;
};

/** They start what they are given, so what they are given is looked at. */
const transparent = new Set(["command", "exec", "nohup", "time", "env", "nice", "setsid", "xargs", "builtin"]);
const shells = new Set(["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "fish", "csh", "tcsh", "rbash"]);
/** They run texts as commands, change what names mean, or start others in ways that cannot be looked through. */
const opaque = new Set([
  ...["eval", ".", "source", "trap", "alias", "unalias", "enable", "hash", "export", "readonly", "declare", "typeset"],
  ...["local", "set", "shopt", "coproc", "fc", "bind", "complete", "mapfile", "readarray", "busybox", "toybox"],
  ...["timeout", "stdbuf", "ionice", "chrt", "taskset", "chroot", "unshare", "nsenter", "setpriv", "prlimit", "flock"],
  ...[
    "script",
    "watch",
    "parallel",
    "strace",
    "ltrace",
    "gdb",
    "ssh",
    "start-stop-daemon",
    "systemd-run",
    "at",
    "batch",
  ],
  ...["crontab", "run-parts", "doas", "pkexec", "runuser", "expect", "unbuffer", "entr", "env-run"],
]);
const interpreters = /^(python|perl|ruby|node|nodejs|php|lua|tclsh)[\d.]*$/;
/** Their first word, or what they are told to read, is a program that can start others. */
const scripted = new Set(["awk", "gawk", "mawk", "nawk", "sed", "ed", "ex", "vi", "vim", "emacs", "m4"]);
/** They read their words once more, and a subscript in one of them is run. */
const rereading = new Set(["test", "[", "printf", "read", "unset", "let", "getopts", "wait"]);

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
    return `its commands cannot be told (${parsed.unclear})`;
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
  // What xargs reads becomes words of the command behind it.
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

/** `env x`, `xargs x`: the command behind it counts, where it can be seen. */
async function problemWithWrapped(
  wrapper: string,
  words: (string | null)[],
  rules: ShellRules,
): Promise<string | null> {
  const [first, ...rest] = words;
  if (first === undefined) return null;
  if (first === null || /^-|=|[^\w.+/@%:,-]/.test(first)) return `what ${wrapper} starts in it cannot be told`;
  return problemWithCommand({ name: first, words: rest, assigns: false }, rules);
}

/** `sh -c 'x'`: the text is a line of its own. A script may hold anything: only the built-in list lets it pass. */
async function problemWithShell(shell: string, words: (string | null)[], rules: ShellRules): Promise<string | null> {
  const [flag, text, ...rest] = words;
  if (flag === "-c" && typeof text === "string" && rest.length === 0) return problemWithLine(text, rules);
  const isScript = typeof flag === "string" && !flag.startsWith("-") && flag !== "";
  return isScript && rules.builtIn ? null : `what ${shell} runs in it cannot be told`;
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

/** Code on the command line, or from standard input, is not looked into. */
const runsText = (words: (string | null)[]): boolean =>
  words.length === 0 ||
  words.some((word, index) => word === null || word === "-" || (index === 0 && !/\.\w+$/.test(word)));

const mentions = (text: string, names: readonly string[]): boolean => {
  const words = new Set(text.split(/[^\w.-]+/));
  return names.some((name) => words.has(name));
};
