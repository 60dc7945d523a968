import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { median, report } from "./support/measure.js";

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
  [`${args}[`, "{a:1},", "]}}}"],
  [`${args}[`, "/**/1,", "]}}}"],
  [`${args}"""`, 'a" "" b ', '"""}}}'],
  [`${args}[`, "1,", '1]}}, "thoughts": {"text": "a" b "c"}}'],
  ['{"thoughts": {"text": "a" b "c"}, "command": {"name": "write_to_file", "args": {"text": "', "a\\n", '"}}}'],
  [`${args}"a line`, "\n", "}}}"],
  ["<think>Well.</think>", `${args}"a"}}} `, ""],
  [`<think>Well.</think>${args}[`, "1 ", "]}}}"],
  ['<tool_call>{"name": "write_to_file", "arguments": {"text": [', "1,", "1]}}</tool_call>"],
];
const megabyte = 1_000_000;
const rounds = 9;

type Unit = (typeof units)[number];

/** What reading takes of computing, all threads together: the time that it takes, were nothing else at work. */
function millisecondsFor(parseReply: ParseReply, [start, repeated, end]: Unit, length: number, times: number): number {
  const text = start + repeated.repeat(Math.ceil(length / repeated.length)) + end;
  const all = Array.from({ length: times }, () => {
    const began = process.cpuUsage();
    parseReply(text);
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1000;
  });
  return median(all);
}

/** The slowest text of each length, and how the time of the slowest one of a megabyte grows with its length. */
export async function benchReply(): Promise<void> {
  const parseReply = await bundledParser();
  const slowestOf = (length: number): { unit: Unit; ms: number } => {
    const timed = units.map((unit) => ({ unit, ms: millisecondsFor(parseReply, unit, length, 3) }));
    return timed.reduce((worst, other) => (other.ms > worst.ms ? other : worst));
  };
  for (const length of [1_000, 10_000, 100_000]) {
    const { unit, ms } = slowestOf(length);
    console.log(`reply of ${length} characters: at most ${ms.toFixed(2)} ms (${labelOf(unit)})`);
  }
  const { unit } = slowestOf(megabyte);
  const seconds = (length: number): number => millisecondsFor(parseReply, unit, length, rounds) / 1000;
  const [half, one, two] = [seconds(megabyte / 2), seconds(megabyte), seconds(2 * megabyte)] as const;
  report("a reply of 1 MB, slowest kind, seconds of computing", one, 0.15, labelOf(unit));
  report("the same of 2 MB ÷ four times that of 0.5 MB", two / half / 4, 1.25);
}

const labelOf = ([start, repeated]: Unit): string => JSON.stringify(start + repeated);

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
