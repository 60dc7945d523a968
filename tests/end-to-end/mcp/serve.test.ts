import assert from "node:assert/strict";
import { watch } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { bin, eventsOfType } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { scriptedWorld } from "../support/scripted-world.js";

test("autogpt mcp serve is a program that speaks the protocol alone; a client that leaves stops its run, whose journal is whole", async (t) => {
  const done = reply("task_complete", { reason: "Done." });
  const world = await scriptedWorld(t, (_request, index) => (index === 0 ? done : new Promise(() => undefined)));
  const parameters = {
    command: process.execPath,
    args: [bin, "mcp", "serve", "--continuous", "--continuous-limit", "3"] as string[],
    cwd: world.folder,
    env: {
      ...{ PATH: process.env["PATH"] ?? "", HOME: world.folder, OPENAI_API_BASE_URL: world.server.url },
      ...{ MEMORY_BACKEND: "no_memory", OPENAI_API_KEY: "sk-test-of-the-server" },
    },
    stderr: "pipe",
  } as const;
  const transport = new StdioClientTransport(parameters);
  let words = "";
  transport.stderr?.on("data", (piece: Buffer) => (words += piece.toString()));
  const client = new Client({ name: "test", version: "1" });
  const problems: string[] = [];
  client.onerror = ({ message }) => problems.push(message);
  await client.connect(transport);
  t.after(() => client.close());
  const call = async (args: Record<string, unknown>): Promise<Record<string, unknown>> => {
    const heard: string[] = [];
    const onprogress = ({ message }: { message?: string | undefined }): void => void heard.push(message ?? "");
    const result = await client.callTool({ name: "run_goal", arguments: args }, { onprogress });
    assert.notEqual(result.isError, true, JSON.stringify(result.content));
    return { ...(result.structuredContent as object), heard };
  };
  const first = await call({ goal: "Do it", wait_seconds: 60 });
  assert.deepEqual([first["state"], first["answer"]], ["ended", "Done."]);
  assert.deepEqual(first["heard"], ["step 1: task_complete, ran"]);
  assert.deepEqual(first["limits"], { cost_usd: null, tokens: null, seconds: null, steps: 3 });

  const second = await call({ goal: "Never ends", wait_seconds: 0 });
  assert.equal(second["state"], "working");
  await client.close();
  const end = eventsOfType(await world.journal(), "run-end");
  assert.deepEqual(
    end.map(({ run, reason }) => [run, reason]),
    [[second["run"], "terminated"]],
  );
  assert.deepEqual([problems, words], [[], ""]);

  // A server that is killed stops nothing itself: its runs see that it has gone.
  const again = new Client({ name: "test", version: "1" });
  const killed = new StdioClientTransport(parameters);
  await again.connect(killed);
  await again.callTool({ name: "run_goal", arguments: { resume: String(second["run"]), wait_seconds: 0 } });
  const hasEndedAgain = async (): Promise<boolean> =>
    eventsOfType(await world.journal().catch(() => []), "run-end").length === 2;
  const ended = new Promise<void>((resolve) => {
    // Before the server is killed: the one that `fs/promises` has begins to watch where it is first asked for a change.
    const watcher = watch(join(world.folder, ".autogpt", "runs", String(second["run"])), () => {
      void hasEndedAgain().then((has) => has && resolve());
    });
    t.after(() => watcher.close());
  });
  process.kill(killed.pid ?? 0, "SIGKILL");
  await ended;
  assert.equal(eventsOfType(await world.journal(), "run-end").at(-1)?.reason, "terminated");
});
