import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { JournalEvent } from "../../../src/history/events.js";
import type { Message } from "../../../src/model/model.js";
import {
  startFakeOpenAi,
  type FakeOpenAi,
  type FakeOpenAiOptions,
  type Script,
} from "../../support/services/fake-open-ai.js";
import { runInProcess } from "../../support/in-process.js";
import {
  journalOf,
  lastJournal,
  startProgram,
  temporaryFolder,
  writeAi,
  type AiFile,
  type Ended,
  type ProgramOptions,
  type Running,
} from "../../support/program.js";

type Given = Omit<ProgramOptions, "cwd" | "args">;
export type WorldOptions = Omit<FakeOpenAiOptions, "chat"> & { ai?: AiFile | null; env?: Record<string, string> };

/** A folder of its own with ai_settings.yaml, and a scripted model behind HTTP. */
export type World = {
  folder: string;
  server: FakeOpenAi;
  start(args?: readonly string[], given?: Given): Running;
  /** As a process where it has to be one; `signal`, which stands for Ctrl-C, is for those that need none. */
  run(args?: readonly string[], given?: Given & { signal?: AbortSignal }): Promise<Ended>;
  /** The text of a file in the workspace. */
  file(name: string): Promise<string>;
  journal(): Promise<JournalEvent[]>;
  /** The messages of one chat request, by its number. */
  messages(request: number): readonly Message[];
};

/** What only a process of its own can be given: Node's own variables, and where programs are looked for. */
const isOfProcess = (name: string): boolean => name === "PATH" || name.startsWith("NODE_");

/** Runs without memory and with quick failures unless the environment says otherwise. */
export async function scriptedWorld(t: TestContext, chat: Script, options: WorldOptions = {}): Promise<World> {
  const { ai = {}, env: worldEnv, ...serverOptions } = options;
  const folder = await temporaryFolder(t);
  const server = await startFakeOpenAi({ ...serverOptions, chat });
  t.after(() => server.close());
  if (ai !== null) await writeAi(folder, ai);
  const quick = { OPENAI_API_BASE_URL: server.url, MEMORY_BACKEND: "no_memory", OPENAI_RETRIES: "1" };
  const start = (args: readonly string[] = [], given: Given = {}): Running => {
    const running = startProgram({ ...given, cwd: folder, args, env: { ...quick, ...worldEnv, ...given.env } });
    t.after(() => running.child.kill("SIGKILL"));
    return running;
  };
  return {
    folder,
    server,
    start,
    run(args = [], given = {}) {
      const env = { ...quick, ...worldEnv, ...given.env };
      if (given.program !== undefined || Object.keys(env).some(isOfProcess)) return start(args, given).ended;
      const { input = "", signal } = given;
      return runInProcess({ cwd: folder, args, input, env, ...(signal && { signal }) });
    },
    file: (name) => readFile(join(folder, "workspace", name), "utf8"),
    journal: () => journalOf(folder),
    messages: (request) => server.chatRequests()[request]?.body?.messages ?? [],
  };
}

/** What the last message but one of a request holds: the result of the step before. */
export const newestResult = (messages: readonly Message[]): string => messages.at(-2)?.content ?? "";

/** Cuts the journal behind the first event that matches, as a crash would have left it. */
export async function cutAfter(world: World, matches: (event: JournalEvent) => boolean): Promise<void> {
  const journal = await world.journal();
  const kept = journal.slice(0, journal.findIndex(matches) + 1);
  assert.ok(kept.length > 0 && kept.length < journal.length);
  await writeFile(await lastJournal(world.folder), kept.map((event) => `${JSON.stringify(event)}\n`).join(""));
}
