import { posix } from "node:path";
import { parseShellLine, type LineCommand } from "../../base/process/shell-line.js";
import { whyOpen } from "./closed.js";
import { foldersOf, inWorkspace, nameOf, ofSystem } from "./places.js";
import { firstWay, setsUntold, setsVariables } from "./variables.js";
import { isClosedModule, moduleFiles, modulesIn } from "./modules.js";
import { interpreterOf, type Interpreter } from "./interpreters.js";
import {
  doesNothingWithout,
  filesReadBy,
  isHarmless,
  opensTheWay,
  runsByWords,
  runsTheProject,
  wrappers,
} from "./programs.js";

/** A script of the workspace that is run, and who reads it; null: whoever its first line names. */
export type Script = { path: string; kind: Interpreter["kind"] | null };

/** What a shell line, or a script of the shell, runs. Paths are relative to the workspace. */
export type RunByLine = {
  /** Scripts and programs of the workspace that it names. */
  scripts: readonly Script[];
  /** What its programs read by themselves and obey, and modules that it loads by name; most are not there. */
  obeyed: readonly string[];
  /** Of each of these lists one has to be there, or the line cannot do what it is to do. */
  needed: readonly (readonly string[])[];
  /** Programs that it starts which run a project, with their words. */
  projects: readonly { program: string; words: readonly (string | null)[] }[];
  /** Why more of the workspace may be run than that; null where it is all. */
  open: string | null;
  /** A variable by which programs find code, which it sets itself. */
  way: string | null;
};

type Found = {
  scripts: Script[];
  obeyed: Set<string>;
  needed: (readonly string[])[];
  projects: { program: string; words: readonly (string | null)[] }[];
  open: string | null;
  way: string | null;
};

/** `folder`: where it is run, relative to the workspace. */
export function runByLine(line: string, folder = ""): RunByLine {
  const found: Found = { scripts: [], obeyed: new Set(), needed: [], projects: [], open: null, way: null };
  // What lies where the line is run is written in many ways.
  const plain = line
    .replace(/\$(?:\{PWD\}|PWD|\(pwd\))\//g, "./")
    .replace(/\$\(dirname (?:-- )?(?:"\$0"|\$0|"\$\{BASH_SOURCE(?:\[0\])?\}")\)/g, ".");
  const parsed = parseShellLine(plain);
  if (parsed === null) found.open = "its line cannot be looked into";
  if (parsed?.evaluates) found.open = `a shell may run what is in "${parsed.evaluates}"`;
  const functions = new Set(parsed?.functions);
  // What a function does stands among the line's commands.
  const commands = (parsed?.commands ?? []).filter(({ name }) => name === null || !functions.has(name));
  const folders = [folder, ...commands.flatMap((command) => foldersOf(command, folder))];
  for (const command of commands) follow(found, command, folders);
  return { ...found, obeyed: [...found.obeyed] };
}

function follow(found: Found, command: LineCommand, folders: readonly string[]): void {
  const { name, words, assigned } = command;
  found.way ??= assigned.find((variable) => opensTheWay.test(variable)) ?? null;
  if (name === null) {
    if (words.length > 0 || !command.assigns) found.open ??= "it runs a program that only running the line would tell";
    return;
  }
  const program = nameOf(name);
  if (setsVariables(program)) {
    found.way ??= firstWay(words);
    if (setsUntold(command)) found.open ??= `${program} sets what only running the line would tell`;
  }
  if (/^(?:cd|pushd)$/.test(program) && words.some((word) => word === null || /[*?[\]]/.test(word)))
    found.open ??= "it goes to a folder that only running the line would tell";
  if (name.includes("/")) {
    addScript(found, name, folders, null);
    if (!ofSystem.test(name) && folders.every((folder) => inWorkspace(name, folder) === null))
      found.open ??= `${name} lies outside of the workspace, and is not looked into`;
  }
  if (program === "eval") found.open ??= "eval runs what only running the line would tell";
  if (program === "." || program === "source") return runScript(found, words[0], folders, "shell");
  if (program === "find") return followFind(found, command, folders);
  const values = wrappers.get(program);
  if (values !== undefined) return followWrapped(found, command, values, folders);
  if (runsTheProject(program)) {
    found.projects.push({ program, words });
    found.open ??= `${program} runs what the workspace holds`;
  }
  obey(found, filesReadBy(program), folders);
  if (doesNothingWithout(program))
    found.needed.push(folders.flatMap((folder) => filesReadBy(program).map((file) => posix.join(folder, file))));
  if (program === "npx" || program === "bunx") obeyPackage(found, words, folders);
  const interpreter = interpreterOf(program);
  if (interpreter) return followInterpreter(found, { ...command, name: program }, interpreter, folders);
  const isScript = name.includes("/") && folders.some((folder) => inWorkspace(name, folder) !== null);
  if (isScript) return;
  if (!isHarmless(program)) found.open ??= `${program} is not known to run nothing of the workspace`;
  else if (!runsTheProject(program) && runsByWords(program, words))
    found.open ??= `${program} may run another program by its words`;
}

function obey(found: Found, files: readonly string[], folders: readonly string[]): void {
  for (const folder of folders) for (const file of files) found.obeyed.add(posix.join(folder, file));
}

function obeyPackage(found: Found, words: readonly (string | null)[], folders: readonly string[]): void {
  const name = words.find((word) => word !== null && !word.startsWith("-"));
  if (name) obey(found, [`node_modules/.bin/${nameOf(name)}`, `node_modules/${name}`], folders);
}

function addScript(found: Found, word: string, folders: readonly string[], kind: Script["kind"]): void {
  const paths = folders.flatMap((folder) => inWorkspace(word, folder) || []);
  for (const path of paths) found.scripts.push({ path, kind });
  if (paths.length > 0) found.needed.push(paths);
  else if (kind !== null) found.open ??= `${word} lies outside of the workspace, and is not looked into`;
}

/** What is run, where it is a word that can be told; where not, it may be anything. */
function runScript(
  found: Found,
  word: string | null | undefined,
  folders: readonly string[],
  kind: Script["kind"],
): void {
  if (typeof word === "string" && !/[*?[\]]|\{\}/.test(word)) return addScript(found, word, folders, kind);
  found.open ??= "it runs a script that only running the line would tell";
}

/** The command behind `env`, `time`, `xargs` and their like. */
function followWrapped(
  found: Found,
  command: LineCommand,
  values: readonly string[],
  folders: readonly string[],
): void {
  const { words, name } = command;
  let at = 0;
  for (; at < words.length; at += 1) {
    const word = words[at];
    if (word === null || word === undefined) break;
    if (word.includes("=")) found.way ??= firstWay([word]);
    if (/^(?:-S|--split-string)/.test(word)) found.open ??= `${name} ${word} runs a line that is not looked into`;
    // What keeps programs from finding code in the workspace would be gone.
    if (name === "env" && /^(?:-i?|-u.*|--ignore-environment|--unset.*)$/.test(word)) found.way ??= `${name} ${word}`;
    if (values.includes(word)) at += 1;
    else if (!word.startsWith("-") && !/^\w+=/.test(word) && !(name === "timeout" && /^[\d.]+[smhd]?$/.test(word)))
      break;
  }
  if (at >= words.length) return;
  const rest = words.slice(at);
  // What xargs adds behind its words may be a script.
  const added = name === "xargs" ? [null] : [];
  follow(found, { ...command, name: rest[0] ?? null, words: [...rest.slice(1), ...added], assigned: [] }, folders);
}

function followFind(found: Found, command: LineCommand, folders: readonly string[]): void {
  for (const [index, word] of command.words.entries()) {
    if (!/^-(?:exec|execdir|ok|okdir)$/.test(word ?? "")) continue;
    const rest = command.words.slice(index + 1).map((one) => (one === "{}" ? null : one));
    follow(found, { ...command, name: rest[0] ?? null, words: rest.slice(1), assigned: [] }, folders);
  }
}

function followInterpreter(
  found: Found,
  { name, words, input }: LineCommand,
  { kind, values, files, plain, text, module, inline }: Interpreter,
  folders: readonly string[],
): void {
  let hasProgram = false;
  const runText = (program: string | null | undefined): void => {
    hasProgram = true;
    if (kind === "shell") return runInline(found, program, folders);
    if (kind === "python" || kind === "javascript") obey(found, modulesIn(program ?? ""), folders);
    found.open ??= typeof program === "string" ? whyOpen(kind, program) : `${name} gets a program that cannot be told`;
  };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? null;
    const next = words[at + 1];
    if (word === "-" || (word === "--" && hasProgram)) break;
    if (word === "--") continue;
    if (word === null || !/^[-+]/.test(word)) {
      // Further words are what the program works on.
      if (!hasProgram) return inline ? runText(word) : runScript(found, word, folders, kind);
      return;
    }
    const [option = "", value] = word.split(/=(.*)/s);
    if (files.includes(option)) {
      const file = value ?? next;
      if (kind === "javascript" && /^[@\w]/.test(file ?? "")) {
        obey(found, [`node_modules/${file ?? ""}`], folders);
        found.open ??= `node loads ${file ?? ""}, which is not looked into`;
      } else runScript(found, file, folders, kind);
      hasProgram ||= kind !== "javascript";
      if (value === undefined) at += 1;
    } else if (text.test(word)) {
      if (kind === "shell") return runText(words.slice(at + 1).find((one) => one === null || !/^[-+]/.test(one)));
      runText(next);
      at += 1;
      if (kind === "python") return;
    } else if (module?.test(word)) {
      return runModule(found, next, folders);
    } else if (values.includes(option) || (kind === "shell" && /^[-+][a-zA-Z]*o$/.test(word))) {
      if (value === undefined) at += 1;
    } else if (!plain.test(word)) found.open ??= `${name} ${word} is not known to run nothing else`;
  }
  if (hasProgram) return;
  if (input !== null && "text" in input) return runText(input.text);
  if (input !== null) return runScript(found, input.file, folders, kind);
  found.open ??= `${name} runs what comes to it through a pipe`;
}

/** A line within a line, as of `sh -c`. */
function runInline(found: Found, line: string | null | undefined, folders: readonly string[]): void {
  if (typeof line !== "string") {
    found.open ??= "it runs a line that only running it would tell";
    return;
  }
  for (const folder of folders) {
    const inner = runByLine(line, folder);
    found.scripts.push(...inner.scripts);
    found.needed.push(...inner.needed);
    found.projects.push(...inner.projects);
    for (const path of inner.obeyed) found.obeyed.add(path);
    found.open ??= inner.open;
    found.way ??= inner.way;
  }
}

/** `python3 -m`: a module of the workspace would come before others of its name in older versions. */
function runModule(found: Found, module: string | null | undefined, folders: readonly string[]): void {
  if (typeof module !== "string") {
    found.open ??= "it runs a module that only running the line would tell";
    return;
  }
  const [program = ""] = module.split(".");
  if (runsTheProject(program)) {
    found.projects.push({ program, words: [] });
    found.open ??= `${program} runs what the workspace holds`;
  } else if (!isClosedModule(module))
    found.open ??= `the module ${module} is not known to run nothing of the workspace`;
  obey(found, [...moduleFiles(module), ...filesReadBy(program)], folders);
}
