import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { decodeText } from "../../base/encoding.js";
import { wordList } from "../../base/text.js";
import type { Workspace } from "../../workspace/workspace.js";
import { isObject, parseJson } from "../../base/json.js";
import { fitting } from "../../protection/protection.js";
import type { Basis } from "../check.js";
import { whyOpen } from "./closed.js";
import { languageOf } from "./interpreters.js";
import { filesReadBy, usualTests } from "./programs.js";
import type { RunByLine, Script } from "./line.js";

/** More, or larger ones, are not looked into: whoever has such scripts names them under `protects`. */
const mostScripts = 100;
const mostListed = 50_000;
const mostTests = 5_000;
const mostBytes = 1024 * 1024;

type Collected = {
  fixed: Set<string>;
  loads: Set<string>;
  /** Of each of these lists one has to be there, or a script makes what it runs. */
  needed: { by: string; files: readonly string[] }[];
  open: string | null;
};

/**
 * What the outcome of a shell line hangs on besides the files that it judges: the scripts that it runs and what its programs
 * obey are fixed; what these scripts load in turn is read out of their text, as far as it stands there.
 */
export async function basisOfLine(line: string, workspace: Workspace): Promise<Basis> {
  const { runByLine } = await import("./line.js");
  const { scripts, obeyed, needed, projects, open, way } = runByLine(line);
  const found: Collected = { fixed: new Set(obeyed), loads: new Set(), needed: [], open };
  const named = [...scripts, ...(await scriptsOfProject(projects, workspace, runByLine))];
  for (const { path } of named) found.fixed.add(path);
  const waiting = [...named];
  const seen = new Set<string>();
  for (let script = waiting.pop(); script !== undefined; script = waiting.pop()) {
    if (seen.has(script.path)) continue;
    if (seen.size === mostScripts) {
      found.open ??= `it runs more than ${mostScripts} scripts`;
      break;
    }
    seen.add(script.path);
    const text = await textOf(workspace, script.path);
    if (text !== null) waiting.push(...follow(found, script, text, runByLine));
    else if (await isThere(workspace, script.path)) found.open ??= `${script.path} is nothing that can be looked into`;
  }
  for (const { by, files } of found.needed) {
    const there = await Promise.all(files.map((file) => isThere(workspace, file)));
    if (!there.includes(true)) found.open ??= `${by} runs ${files[0] ?? ""}, which is not there yet`;
  }
  for (const path of found.fixed) found.loads.delete(path);
  return {
    fixed: [...found.fixed],
    needed,
    started: needed.filter((files) => files.every((file) => named.some(({ path }) => path === file))),
    kept: projects.length === 0 ? [] : await testsIn(workspace),
    loads: [...found.loads],
    open: found.open,
    judgedBy: way === null ? null : `the work itself, since the line sets ${way}, by which programs find code`,
  };
}

/** Tests that are there; a project of more files names its own under `protects`. */
async function testsIn(workspace: Workspace): Promise<string[]> {
  const fits = fitting(usualTests);
  const { files } = await workspace.list("", mostListed, undefined, new Set(["node_modules", "vendor", ".venv"]));
  return files.filter(fits).slice(0, mostTests);
}

/** The scripts that npm and its like, and make, are told to run by files in the workspace itself. */
async function scriptsOfProject(
  projects: RunByLine["projects"],
  workspace: Workspace,
  runByLine: (line: string) => RunByLine,
): Promise<Script[]> {
  const scripts: Script[] = [];
  for (const { program, words } of projects) {
    if (program === "make") {
      for (const file of filesReadBy(program)) {
        const recipes = ((await textOf(workspace, file)) ?? "").matchAll(/^\t[@+-]*(.*)$/gm);
        for (const [, recipe = ""] of recipes) scripts.push(...runByLine(recipe.replaceAll("$$", "$")).scripts);
      }
    } else if (/^(?:npm|pnpm|yarn|bun)$/.test(program)) {
      const { scripts: lines } = parseObject((await textOf(workspace, "package.json")) ?? "");
      const name = words.find((word) => word !== null && !/^(?:-.*|run|run-script|exec|--)$/.test(word)) ?? "test";
      for (const key of [`pre${name}`, name === "t" ? "test" : name, `post${name}`]) {
        const line = isObject(lines) ? lines[key] : undefined;
        if (typeof line === "string") scripts.push(...runByLine(line).scripts);
      }
    }
  }
  return scripts;
}

function parseObject(text: string): Record<string, unknown> {
  const value = parseJson(text);
  return isObject(value) ? value : {};
}

/** Null where there is no such file, or none that a script could be. */
async function textOf(workspace: Workspace, path: string): Promise<string | null> {
  try {
    return decodeText(await workspace.read(path, mostBytes)).text;
  } catch {
    return null;
  }
}

const isThere = (workspace: Workspace, path: string): Promise<boolean> =>
  workspace.stat(path).then(
    (entry) => entry !== null,
    () => true,
  );

/** Adds what one script loads, and returns the scripts among it. */
function follow(
  found: Collected,
  { path, kind: by }: Script,
  text: string,
  runByLine: (line: string, folder?: string) => RunByLine,
): Script[] {
  const said = languageOf(text);
  const kind = by ?? said.kind;
  if (text.includes("\0")) found.open ??= `${path} is no text, so what it runs cannot be told`;
  if (by === null && said.open !== null) found.open ??= `in ${path}, ${said.open}`;
  if (kind === "shell") {
    // A script of the shell runs where the line runs, and finds others from there, or from its own folder.
    const inner = ["", posix.dirname(path)].map((folder) => runByLine(text, folder === "." ? "" : folder));
    for (const { open, obeyed, way } of inner) {
      found.open ??= open === null ? null : `in ${path}, ${open}`;
      found.open ??= way === null ? null : `${path} sets ${way}, by which programs find code`;
      for (const file of obeyed) found.loads.add(file);
    }
    const [here, beside] = inner;
    for (const [index, files] of (here?.needed ?? []).entries())
      found.needed.push({ by: path, files: [...files, ...(beside?.needed[index] ?? [])] });
    const scripts = inner.flatMap((one) => one.scripts);
    for (const script of scripts) found.loads.add(script.path);
    return scripts;
  }
  // What is only loaded as data is compared, as all that is loaded.
  if (kind === "javascript" && path.endsWith(".json")) {
    if (posix.basename(path) === "package.json") found.open ??= `${path} says what is loaded`;
    return [];
  }
  const open = whyOpen(kind, text);
  found.open ??= open === null ? null : `in ${path}, ${open}`;
  if (kind === "javascript") return followJavaScript(found, path, text);
  if (kind === "python" && /\b(?:sys\.path|importlib|runpy|exec\s*\(|__import__)/.test(text))
    followPython(found, path, text);
  return [];
}

const endings = wordList(
  ".js .cjs .mjs .json .node .ts .cts .mts /index.js /index.json /index.cjs /index.ts /package.json",
);

/** Relative modules may be the work that is judged; packages stand beside the judge, and are its own. */
function followJavaScript(found: Collected, path: string, text: string): Script[] {
  const scripts: Script[] = [];
  const folder = posix.dirname(path);
  const loaded =
    /(?:\brequire|\bimport|\bresolve|createRequire)\s*\(\s*["'`]([^"'`\n]{1,200})["'`]|\b(?:from|import)\s*["']([^"'\n]{1,200})["']/g;
  for (const [, required, imported] of text.matchAll(loaded)) {
    const name = required ?? imported ?? "";
    if (/^\.{1,2}\//.test(name)) {
      for (const ending of ["", ...endings]) {
        const file = posix.join(folder, name + ending);
        if (file.startsWith("../")) continue;
        found.loads.add(file);
        scripts.push({ path: file, kind: "javascript" });
      }
    } else if (!isBuiltin(name) && /^[@\w]/.test(name)) {
      const parts = name.split("/").slice(0, name.startsWith("@") ? 2 : 1);
      for (let at = folder; ; at = posix.dirname(at)) {
        found.fixed.add(posix.join(at, "node_modules", ...parts));
        if (at === "." || at === "/" || at === "") break;
      }
    }
  }
  return scripts;
}

/** Python finds nothing in the workspace by itself here; this script has ways of its own. */
function followPython(found: Collected, path: string, text: string): void {
  for (const [, module = ""] of text.matchAll(/^[ \t]*(?:from|import)[ \t]+([A-Za-z_][\w.]{0,100})/gm)) {
    const file = module.replaceAll(".", "/");
    for (const folder of ["", posix.dirname(path)])
      for (const ending of [".py", "/__init__.py"]) found.loads.add(posix.join(folder, file + ending));
  }
}
