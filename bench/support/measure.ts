import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { peakOf } from "./peak.js";

export const repository = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
/** The program that is measured; BENCH_PROGRAM names the launcher of another build. */
export const bin = process.env["BENCH_PROGRAM"] ?? join(repository, "bin", "autogpt.js");

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

export type Timed = { ms: number; cpuMs: number; peakKilobytes: number };

/** Runs a program to its end: how long it took and computed, and the most memory it had (from a small script it is started with). */
export async function timed(args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Timed> {
  const file = join(cwd, `used-${process.hrtime.bigint()}`);
  const watch = join(repository, "bench", "support", "watch.cjs");
  const start = performance.now();
  const child = spawn(process.execPath, ["--require", watch, ...args], {
    cwd,
    env: { ...process.env, HOME: cwd, OPENAI_API_KEY: "", AUTOGPT_BENCH_USED: file, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errorBody = "";
  child.stderr.on("data", (text: Buffer) => (errorBody += text.toString()));
  const [code] = (await once(child, "close")) as [number];
  const ms = performance.now() - start;
  if (code !== 0 && code !== 5) throw new Error(`${args.join(" ")} ended with ${code}: ${errorBody}`);
  const used = JSON.parse(await readFile(file, "utf8")) as NodeJS.ResourceUsage & { status: string };
  const cpuMs = (used.userCPUTime + used.systemCPUTime) / 1000;
  return { ms, cpuMs, peakKilobytes: peakOf(used.status, used.maxRSS) };
}

/** `heldMs`: for how long it has had requests so far, from the last byte of one to the last byte of its answer. */
export type InstantServer = { url: string; heldMs(): Promise<number>; close(): void };

/** `kind`: what its model asks for at each step. It answers each request after `waitMs`. */
export async function startInstantServer(
  kind: "look" | "write" | "shell" = "look",
  waitMs = 0,
): Promise<InstantServer> {
  const script = join(repository, "bench", "support", "instant-server.ts");
  const server = fork(script, [kind, String(waitMs)], { execArgv: ["--import", "tsx"] });
  const said = async (): Promise<number> => ((await once(server, "message")) as [number])[0];
  const port = await said();
  return {
    url: `http://127.0.0.1:${port}/v1`,
    async heldMs() {
      const answer = said();
      server.send("held");
      return answer;
    },
    close: () => server.disconnect(),
  };
}

/** A server that answers nothing, to see when it is first asked. */
export type AskedServer = { url: string; asked(): Promise<unknown>; close(): void };

export async function startAskedServer(): Promise<AskedServer> {
  const server = createServer((request, response) => {
    if (request.method === "POST") server.emit("chat");
    response.writeHead(401).end("{}");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked: () => once(server, "chat"),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** How many milliseconds pass from the launch of a program to a moment; what it leaves at work has ended when this resolves. */
export async function launched(
  args: readonly string[],
  { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
  moment: (child: ReturnType<typeof spawn>) => Promise<unknown>,
): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, args, { cwd, env, stdio: "ignore" });
  const ended = once(child, "exit");
  await moment(child);
  const ms = performance.now() - start;
  if (child.exitCode === null) await ended;
  return ms;
}

/** When each step of the newest run below this home ended, in milliseconds by the journal's own clock. */
export async function stepEnds(home: string): Promise<number[]> {
  const runs = join(home, "runs");
  const run = (await readdir(runs)).sort().at(-1) ?? "";
  return (await readFile(join(runs, run, "events.jsonl"), "utf8"))
    .split("\n")
    .filter((line) => line.includes('"type":"step-end"'))
    .map((line) => (JSON.parse(line) as { elapsedMs: number }).elapsedMs);
}

export async function withFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "autogpt-bench-"));
  try {
    await writeFile(
      join(folder, "ai_settings.yaml"),
      "ai_name: Bench\nai_role: an AI that is measured\nai_goals:\n  - Do nothing\n",
    );
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What was reported and has something that it is to be, in order. */
export const reported: { line: string; isKept: boolean }[] = [];

/** One line a figure: what, the figure, and what it is to be at most. */
export const report = (what: string, figure: number, most: number | null, detail = ""): void =>
  print(what, figure, most === null ? null : { said: `at most ${most}`, isKept: figure <= most }, detail);

/** The same of a figure that is to be at least so much. */
export const reportAtLeast = (what: string, figure: number, least: number, detail = ""): void =>
  print(what, figure, { said: `at least ${least}`, isKept: figure >= least }, detail);

function print(what: string, figure: number, limit: { said: string; isKept: boolean } | null, detail: string): void {
  const verdict = limit === null ? "" : `  (${limit.said}: ${limit.isKept ? "kept" : "NOT kept"})`;
  const line = `${what}: ${figure.toFixed(2)}${verdict}${detail === "" ? "" : `  ${detail}`}`;
  if (limit !== null) reported.push({ line, isKept: limit.isKept });
  console.log(line);
}
