import { execFile } from "node:child_process";
import { realpath } from "node:fs/promises";
import { isObject } from "../../base/json.js";
import { isWithin } from "../../protection/guarded.js";

/** A text that is looked for in files: of printable ASCII, as it stands or, with `ignoreCase`, in any letters. */
export type Holding = { text: string; ignoreCase: boolean };

/** How many bytes the names in one call may take: Windows allows a line of 32 KB. */
const mostNameBytes = process.platform === "win32" ? 24_000 : 96_000;
/** Below so many files it takes longer to start a program than to read them. */
const fewestFiles = 200;
const longestMs = 10_000;

/**
 * Which of these files (paths below `root`) hold a text, in UTF-8, UTF-16 or any encoding that has ASCII in it: asked of ripgrep
 * where `find` knows a program. Null where it is not worth while, or where the answer is not certain: then any of them may. What it names proves
 * nothing: it opens files by their paths, so whoever looks into them reads them through the workspace.
 */
export async function filesHolding(
  find: () => Promise<string | null>,
  root: string,
  paths: readonly string[],
  { text, ignoreCase }: Holding,
  signal?: AbortSignal,
): Promise<ReadonlySet<string> | null> {
  if (paths.length < fewestFiles || !/^[\x20-\x7e]+$/.test(text)) return null;
  const program = await find();
  if (program === null) return null;
  // What lies in the workspace may be the AI's own.
  if (isWithin(root, await realpath(program).catch(() => root))) return null;
  const letters = [...text].map((letter) => `\\x${letter.charCodeAt(0).toString(16)}`);
  const pattern = `(?${ignoreCase ? "i" : ""}-u:${letters.join("")}|${letters.join("\\x00")})`;
  const options = ["--no-config", "--no-messages", "--no-ignore", "--text", "--encoding=none", "--null"];
  const found = new Set<string>();
  for (const some of parts(paths)) {
    const args = [...options, "--files-with-matches", "--regexp", pattern, "--", ...some];
    const named = await namesFrom(program, args, root, signal);
    if (named === null) return null;
    for (const name of named) found.add(name);
  }
  return found;
}

function* parts(paths: readonly string[]): Generator<string[]> {
  let some: string[] = [];
  let size = 0;
  for (const path of paths) {
    const bytes = Buffer.byteLength(path) + 1;
    if (some.length > 0 && size + bytes > mostNameBytes) {
      yield some;
      [some, size] = [[], 0];
    }
    some.push(path);
    size += bytes;
  }
  yield some;
}

/** What it prints; null where it failed in any way. It ends with 1 where nothing is found. */
function namesFrom(program: string, args: string[], cwd: string, signal?: AbortSignal): Promise<string[] | null> {
  return new Promise((resolve, reject) => {
    const settings = { cwd, env: {}, timeout: longestMs, killSignal: "SIGKILL", maxBuffer: 64 * 1024 * 1024 } as const;
    execFile(program, args, { ...settings, ...(signal && { signal }) }, (problem, stdout) => {
      if (signal?.aborted) reject(signal.reason as Error);
      else if (problem === null) resolve(stdout.split("\0").filter((name) => name !== ""));
      else resolve(isObject(problem) && problem["code"] === 1 ? [] : null);
    });
  });
}
