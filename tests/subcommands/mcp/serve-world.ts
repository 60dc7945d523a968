import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { TestContext } from "node:test";
import { Client, type Transport } from "@modelcontextprotocol/client";
import type { JournalEvent } from "../../../src/history/events.js";
import { RunError } from "../../../src/errors.js";
import { loadSettings } from "../../../src/settings/load.js";
import { askingForAgent } from "../../../src/base/process/started-by-run.js";
import { serve } from "../../../src/subcommands/mcp/serve/serve.js";
import type { StartRun } from "../../../src/subcommands/mcp/serve/run-process.js";
import type { RunStatus } from "../../../src/subcommands/mcp/serve/run-status.js";
import { settingsFromFlags } from "../../../src/settings/flags.js";
import { runInProcess } from "../../support/in-process.js";
import type { AiFile } from "../../support/program.js";
import type { Script } from "../../support/services/fake-open-ai.js";
import { scriptedWorld, type World } from "../../end-to-end/support/scripted-world.js";

export type ServeWorldOptions = {
  ai?: AiFile;
  env?: Record<string, string>;
  /** The user's flags for all runs. */
  flags?: Record<string, unknown>;
  given?: readonly string[];
  most?: number;
  totalUsd?: number;
  era?: "old" | "new";
};

export type ServeWorld = World & {
  client: Client;
  /** What a tool answers: its object, or the text of its error. */
  call(name: string, args?: Record<string, unknown>): Promise<{ status: RunStatus; error: string | null }>;
  /** The journal of a run. */
  journalOf(run: string): Promise<JournalEvent[]>;
  /** Every argument that runs were started with. */
  started: string[][];
  /** Ends the client's side, and resolves when the server has ended. */
  leave(): Promise<void>;
  /** Another server in the same folder, as a client that comes back starts it. */
  again(): Promise<ServeWorld>;
};

/** A server in this process, its runs as well, and the official client at it. */
export async function serveWorld(
  t: TestContext,
  chat: Script,
  { ai = {}, env = {}, flags = {}, given = [], most = 3, totalUsd, era = "old" }: ServeWorldOptions = {},
): Promise<ServeWorld> {
  const world = await scriptedWorld(t, chat, { ai, env });
  const { folder } = world;
  const environment = {
    ...{ PATH: process.env["PATH"] ?? "", HOME: folder, OPENAI_API_BASE_URL: world.server.url },
    ...{ MEMORY_BACKEND: "no_memory", OPENAI_RETRIES: "1", ...env },
  };
  const started: string[][] = [];
  const startRun: StartRun = (args, hearing) => {
    started.push([...args]);
    const stopping = new AbortController();
    const ended = runInProcess({
      cwd: folder,
      args,
      env: { ...environment, ...askingForAgent(process.ppid) },
      signal: stopping.signal,
      onOutput: lines(hearing.event),
    });
    return {
      ended: ended.then(({ stderr }) => hearing.words(stderr)),
      stop: () => stopping.abort(new RunError("terminated", "Terminated.")),
    };
  };
  const open = async (): Promise<ServeWorld> => {
    const loaded = await loadSettings({ flags: settingsFromFlags(flags), cwd: folder, environment });
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    const ending = new AbortController();
    const served = serve({
      ...{
        loaded,
        cwd: folder,
        environment,
        stdin,
        stdout,
        most,
        totalUsd: totalUsd ?? null,
        startRun,
        signal: ending.signal,
      },
      ...{ version: "1", flags: { begin: given, resume: given }, say: () => undefined },
    });
    const client = new Client(
      { name: "test", version: "1" },
      era === "new" ? { versionNegotiation: { mode: "auto" } } : {},
    );
    await client.connect(transportOver(stdin, stdout));
    const leave = async (): Promise<void> => {
      stdin.end();
      await served;
    };
    t.after(leave);
    return {
      ...world,
      client,
      started,
      leave,
      again: open,
      async call(name, args = {}) {
        const result = await client.callTool({ name, arguments: args });
        const [first] = result.content;
        const text = first?.type === "text" ? first.text : "";
        const isError = result.isError === true;
        return { status: (isError ? {} : result.structuredContent) as RunStatus, error: isError ? text : null };
      },
      journalOf: async (run) =>
        (await readFile(join(folder, ".autogpt", "runs", run, "events.jsonl"), "utf8"))
          .split("\n")
          .slice(0, -1)
          .map((line) => JSON.parse(line) as JournalEvent),
    };
  };
  return open();
}

/** Calls with every whole line of what is written in pieces. */
function lines(hear: (line: string) => void): (text: string) => void {
  let rest = "";
  return (text) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    parts.forEach(hear);
  };
}

function transportOver(stdin: PassThrough, stdout: PassThrough): Transport {
  const transport: Transport = {
    start() {
      stdout.on(
        "data",
        lines((line) => transport.onmessage?.(JSON.parse(line) as never)),
      );
      return Promise.resolve();
    },
    send(message) {
      stdin.write(`${JSON.stringify(message)}\n`);
      return Promise.resolve();
    },
    close() {
      transport.onclose?.();
      return Promise.resolve();
    },
  };
  return transport;
}
