import { execFileSync } from "node:child_process";
import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { performance } from "node:perf_hooks";
import { blockRows } from "../src/memory/local/vectors/block-file.js";
import { usualFewestBlocks } from "../src/memory/local/vectors/shared-scoring.js";
import { installPeers } from "./support/install-peers.js";
import { median, report, repository, withFolder } from "./support/measure.js";
import { numpySearches } from "./support/numpy.js";
import { dimension, near, randomVector } from "./support/vectors.js";

const rounds = 3;
const queries = 21;
/** Packages from the registry that are measured beside the local memory, and up to how many records: to build their graphs takes minutes. */
const peers = { "sqlite-vec": 100_000, usearch: 10_000, "hnswlib-node": 10_000 };
const peerPackages = ["sqlite-vec@0.1.9", "better-sqlite3@12.11.1", "usearch@2.25.3", "hnswlib-node@3.0.0"];

/** What a thread of its own runs: it looks for this file beside the one that starts it. */
const scoringWorker = "src/memory/local/vectors/scoring-worker";

/** How many threads a recall uses: two where many blocks have to be scored. */
const threadsFor = (size: number): number =>
  size < usualFewestBlocks * blockRows ? 1 : Math.min(2, availableParallelism());

type Asked = { first: number; later: number[]; found: number[][]; before: number; peak: number };
type Other = { times: number[]; found: number[][]; peak: number; added?: number; bytes?: number };

/**
 * How the local memory grows: adding, recall, the first recall of a start, bytes and memory, each size in processes of its own, against
 * numpy with as many threads as well, against reading the file of vectors, and beside other stores. A million records need 10 GB of disk.
 */
export async function benchMemoryGrowth(sizes: readonly number[]): Promise<void> {
  await withFolder(async (folder) => {
    const others = installPeers(folder, peerPackages);
    for (const size of sizes.length > 0 ? sizes : [1_000, 10_000, 100_000]) {
      const own = join(folder, String(size));
      await mkdir(own);
      await benchSize(own, size, others);
      await rm(own, { recursive: true });
    }
  });
}

async function benchSize(folder: string, size: number, others: string | null): Promise<void> {
  const asked = Array.from({ length: queries }, (_, number) => near(randomVector, (number * 7919) % size));
  const queriesFile = join(folder, "queries.f32");
  await writeFile(queriesFile, Buffer.concat(asked.map(({ buffer }) => Buffer.from(buffer))));
  const filled = phase<{ together: number; single: number }>("fill", folder, size);
  const vectors = join(folder, readdirSync(folder).find((name) => /^vectors-.*\.f32$/.test(name)) ?? "");
  const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  // What every start costs is more than the work for a few.
  const atMost = size < 100_000 ? null : 0.35;
  const name = `${size.toLocaleString("en-US")} records`;
  console.log(
    `${name}: an add ${ms(filled.together / size)} in thousands, ${ms(filled.single)} alone; ${megabytes(bytes)} on disk, ${megabytes(statSync(vectors).size)} of it vectors`,
  );
  const threads = threadsFor(size);
  const [ours, numpies, reads]: [Asked[], Other[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(phase<Asked>("ask", folder, size));
    reads.push(readOnce(vectors));
    numpies.push(...numpySearches(vectors, queriesFile, { threads }).slice(-1));
  }
  const later = median(ours.flatMap((each) => each.later.slice(1)));
  const [first, second] = [median(ours.map((each) => each.first)), median(ours.map((each) => each.later[0] as number))];
  const peak = Math.max(...ours.map((each) => each.peak)) * 1024;
  console.log(
    `${name}: a recall ${ms(later)}, the first of a start ${ms(first)}, the second ${ms(second)}; peak ${megabytes(peak)}`,
  );
  report(
    `${name}: first recall ÷ reading the vectors once, 1 MB at a time`,
    first / median(reads),
    atMost,
    `${ms(first)} : ${ms(median(reads))}`,
  );
  report(
    `${name}: what recalls add to the memory of the process ÷ bytes of the vectors`,
    (peak - median(ours.map((each) => each.before)) * 1024) / statSync(vectors).size,
    atMost,
  );
  if (numpies.length === 0) console.log("numpy is not there (Debian: apt-get install python3-numpy): not compared");
  else {
    const theirs = median(numpies.flatMap(({ times }) => times));
    report(
      `${name}: a recall ÷ numpy, ${threads === 1 ? "one thread" : `${threads} threads`} each`,
      later / theirs,
      atMost,
      `${ms(later)} : ${ms(theirs)}; ${same(ours[0] as Asked, numpies[0] as Other)}`,
    );
  }
  if (others === null) return;
  for (const [peer, most] of Object.entries(peers)) {
    if (size > most) continue;
    const script = compiled("bench/support/growth-peer", others);
    const given = [script, peer, vectors, queriesFile, String(dimension)];
    const found = run<Required<Other>>(process.execPath, given, { cwd: others });
    console.log(
      `${name}, ${peer}: an add ${ms(found.added / size)}, a recall ${ms(median(found.times))} (${(median(found.times) / later).toFixed(1)} × ours), ${megabytes(found.bytes)}, peak ${megabytes(found.peak * 1024)}; ${same(ours[0] as Asked, found)}`,
    );
  }
}

/** Runs a phase in a process of its own. */
function phase<Figures>(name: "fill" | "ask", folder: string, size: number): Figures {
  const script = compiled("bench/support/growth-phase", join(folder, ".."));
  compiled(scoringWorker, join(folder, ".."));
  return run<Figures>(process.execPath, [script, name, folder, String(size)]);
}

/** A script of this repository in one file of JavaScript, so that no compiler's memory is counted. */
function compiled(path: string, folder: string): string {
  const name = basename(path);
  const script = join(folder, `${name}.mjs`);
  const esbuild = join(repository, "node_modules", "esbuild", "bin", "esbuild");
  const source = join(repository, `${path}.ts`);
  const banner = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";
  const options = [
    "--bundle",
    "--platform=node",
    "--format=esm",
    "--log-level=error",
    `--banner:js=${name === "growth-peer" ? "" : banner}`,
  ];
  execFileSync(process.execPath, [esbuild, source, ...options, `--outfile=${script}`], { stdio: "inherit" });
  return script;
}

const run = <Figures>(
  program: string,
  given: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Figures =>
  JSON.parse(
    execFileSync(program, given, { ...options, maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "ignore"] }).toString(
      "utf8",
    ),
  ) as Figures;

/** How long reading a file takes, into the same megabyte each time. */
function readOnce(file: string): number {
  const room = Buffer.alloc(1 << 20);
  const start = performance.now();
  const descriptor = openSync(file, "r");
  while (readSync(descriptor, room) > 0);
  closeSync(descriptor);
  return performance.now() - start;
}

/** Which part of what is right the other found: ours are all right, which tests show. */
function same({ found }: Asked, other: Other): string {
  const right = found.reduce((sum, ids, query) => sum + ids.filter((id) => other.found[query]?.includes(id)).length, 0);
  return `${((100 * right) / found.flat().length).toFixed(1)} % of the ids of ours`;
}

const ms = (milliseconds: number): string => `${milliseconds.toFixed(milliseconds < 10 ? 2 : 0)} ms`;
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
