import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

type ParseReply = (text: string) => unknown;

const opening = '{"thoughts": {"text": "';
const args = '{"command": {"name": "write_to_file", "args": {"text": ';

/** Texts by what they repeat: valid, broken in every way that takes the parser long, and hopeless. */
const units: readonly (readonly [string, string, string])[] = [
  [`${args}"`, "some words, and more\\n", '"}}}'],
  [`Here: ${args}"`, "some words, and more\\n", '",}}}'],
  [args + "'", "it's \\'raw\\'\n\t", "'}}}"],
  [`${args}"`, 'say "hello" now. ', '"}}}'],
  [`${args}[`, '"a" "b" ', "]}}}"],
  [`${args}[`, "{'a': '\"'} ", "]}}}"],
  ["", "{", ""],
  ["", "[", ""],
  ["", "\\", ""],
  ["", '"', ""],
  [opening, "“", ""],
  [opening, '", "', ""],
  [args, "1 ", ""],
  ["", "{'a': '\"'} ", ""],
  ["", '{"a":1 "b":2} ', ""],
];

function millisecondsFor(parseReply: ParseReply, unit: (typeof units)[number], length: number): number {
  const [start, repeated, end] = unit;
  const text = start + repeated.repeat(Math.ceil(length / repeated.length)) + end;
  const times = [1, 2, 3].map(() => {
    const began = performance.now();
    parseReply(text);
    return performance.now() - began;
  });
  return Math.min(...times);
}

/** Prints the slowest text of each length, and how its time grows when the length doubles: 2 is linear. */
export async function benchReply(): Promise<void> {
  const parseReply = await bundledParser();
  for (const length of [1_000, 10_000, 100_000, 1_000_000]) {
    const timed = units.map((unit) => ({ unit, ms: millisecondsFor(parseReply, unit, length) }));
    const slowest = timed.reduce((worst, other) => (other.ms > worst.ms ? other : worst));
    const ratio = millisecondsFor(parseReply, slowest.unit, 2 * length) / slowest.ms;
    const label = JSON.stringify(slowest.unit[0] + slowest.unit[1]);
    console.log(
      `reply of ${length} characters: at most ${slowest.ms.toFixed(2)} ms (${label}), ${ratio.toFixed(2)} times at twice the length`,
    );
  }
}

/** The parser as it is in the program: in one file. Modules by themselves call each other through getters. */
async function bundledParser(): Promise<ParseReply> {
  const folder = await mkdtemp(join(tmpdir(), "autogpt-bench-"));
  try {
    const outfile = join(folder, "parse.mjs");
    const entry = fileURLToPath(new URL("../src/reply/parse.ts", import.meta.url));
    await build({ entryPoints: [entry], outfile, bundle: true, platform: "node", format: "esm", logLevel: "error" });
    return ((await import(pathToFileURL(outfile).href)) as { parseReply: ParseReply }).parseReply;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
