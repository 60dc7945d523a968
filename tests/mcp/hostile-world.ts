import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { ServerConfig } from "../../src/mcp/config.js";
import type { AskUser, CallOutcome } from "../../src/mcp/connect/connected.js";
import { createConnection } from "../../src/mcp/connect/connection.js";
import { repository, temporaryFolder } from "../support/program.js";

export const program = join(repository, "tests", "mcp", "hostile-server.mjs");

export type HostileOptions = {
  env?: Record<string, string>;
  timeoutMs?: number;
  once?: boolean;
  startMs?: number;
  tools?: string;
  answer?: string;
  behindShell?: boolean;
};

/** A server without any library that misbehaves as `mode` says; `tools` and `answer` are JSON, as it writes them. */
export async function hostile(t: TestContext, mode: string, more: HostileOptions = {}) {
  const folder = await temporaryFolder(t);
  const calls = join(folder, "calls");
  const config: ServerConfig = {
    ...{
      kind: "stdio",
      name: "bad",
      file: "x",
      command: more.behindShell ? "/bin/sh" : process.execPath,
      args: more.behindShell ? ["-c", `"${process.execPath}" "${program}"; true`] : [program],
      cwd: folder,
      sandbox: false,
    },
    env: {
      MODE: mode,
      CALLS: calls,
      ...(more.once && { LEFT: join(folder, "left") }),
      ...(more.tools && { TOOLS: more.tools }),
      ...(more.answer && { ANSWER: more.answer }),
      ...more.env,
    },
    timeoutMs: more.timeoutMs ?? 60_000,
  };
  const connection = createConnection(config, { version: "1", startMs: more.startMs ?? 30_000 });
  t.after(() => connection.close());
  return {
    config,
    connection,
    /** The file whose being there lets a server go on that waits for it. */
    left: join(folder, "left"),
    call: (ask?: AskUser, tool = "call") =>
      connection.call(tool, {}, new AbortController().signal, ask === undefined ? {} : { ask }),
    calls: async () => (await readFile(calls, "utf8").catch(() => "")).split("\n").filter((line) => line !== "").length,
  };
}

export const textOf = (outcome: CallOutcome): string => {
  assert.equal(outcome.kind, "answered", JSON.stringify(outcome).slice(0, 500));
  const [first] = outcome.kind === "answered" ? outcome.result.content : [];
  return first?.type === "text" ? first.text : "";
};
