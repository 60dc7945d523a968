import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { JournalEvent } from "../../src/history/events.js";

export const repository = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
export const bin = join(repository, "bin", "autogpt.js");

/** Full counts with `npm run test:long`, a tenth of them otherwise. */
export const long = process.env["AUTOGPT_TEST_LONG"] === "1";

export type ProgramOptions = {
  cwd: string;
  args?: readonly string[];
  /** Added to an environment that has PATH and HOME only. */
  env?: Record<string, string>;
  /** All of standard input; without it, standard input is empty. */
  input?: string;
  /** Standard input stays open, for the test to write to. */
  openInput?: boolean;
  /** An open file in the place of standard input. */
  stdin?: number;
  node?: string;
  /** The launcher of another build than the repository's. */
  program?: string;
};
export type Ended = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string };
export type Running = {
  child: ChildProcess;
  ended: Promise<Ended>;
  /** Resolves once standard output and error together contain the text. */
  says(text: string, times?: number): Promise<void>;
};

/** Starts the built program as a child process. */
export function startProgram({
  cwd,
  args = [],
  env = {},
  input,
  openInput,
  stdin,
  node = process.execPath,
  program = bin,
}: ProgramOptions): Running {
  const child = spawn(node, [program, ...args], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "", HOME: cwd, ...env },
    stdio: [stdin ?? "pipe", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  const watchers = new Set<() => void>();
  const heard = (): void => watchers.forEach((watch) => watch());
  if (child.stdout === null || child.stderr === null) throw new Error("The outputs are pipes.");
  child.stdout.setEncoding("utf8").on("data", (text: string) => ((stdout += text), heard()));
  child.stderr.setEncoding("utf8").on("data", (text: string) => ((stderr += text), heard()));
  child.stdin?.on("error", () => undefined);
  if (input !== undefined) child.stdin?.end(input);
  else if (openInput !== true) child.stdin?.end();
  const ended = once(child, "close").then(([code, signal]): Ended => {
    heard();
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, stdout, stderr };
  });
  return {
    child,
    ended,
    says: (text, times = 1) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if ((stdout + stderr).split(text).length > times) resolve();
          else if (child.exitCode !== null || child.signalCode !== null)
            reject(new Error(`ended without saying ${text}:\n${stdout}${stderr}`));
          else return;
          watchers.delete(look);
        };
        watchers.add(look);
        look();
      }),
  };
}

export const runProgram = (options: ProgramOptions): Promise<Ended> => startProgram(options).ended;

/** A new folder that is removed after the test, in memory where `npm test` finds room for it, or else below `place`. */
export async function temporaryFolder(
  t: { after(remove: () => Promise<void>): void },
  place = tmpdir(),
): Promise<string> {
  const folder = await mkdtemp(join(place, "autogpt-test-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export type AiFile = { name?: string; role?: string; goals?: readonly (string | object)[]; more?: string };

/** Writes an ai_settings.yaml. JSON is YAML, so goals with checks are given as objects. */
export async function writeAi(
  folder: string,
  { name = "Tester", role = "an AI that is tested", goals = ["Do it"], more = "" }: AiFile = {},
): Promise<void> {
  const list = goals.map((goal) => `  - ${JSON.stringify(goal)}\n`).join("");
  await writeFile(
    join(folder, "ai_settings.yaml"),
    `ai_name: ${JSON.stringify(name)}\nai_role: ${JSON.stringify(role)}\nai_goals:\n${list}${more}`,
  );
}

/** Where a folder's last run keeps its journal. */
export async function lastJournal(folder: string): Promise<string> {
  const runs = (await readdir(join(folder, ".autogpt", "runs"))).sort();
  return join(folder, ".autogpt", "runs", runs.at(-1) ?? "", "events.jsonl");
}

/** The events of a folder's last run; fails on any line that is not whole. */
export async function journalOf(folder: string): Promise<JournalEvent[]> {
  const text = await readFile(await lastJournal(folder), "utf8");
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as JournalEvent);
}

export const eventsOfType = <Type extends JournalEvent["type"]>(
  events: readonly JournalEvent[],
  type: Type,
): Extract<JournalEvent, { type: Type }>[] =>
  events.filter((event): event is Extract<JournalEvent, { type: Type }> => event.type === type);
