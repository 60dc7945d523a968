import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { repository } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { scriptedWorld, type World } from "../support/scripted-world.js";

export const done = reply("task_complete", { reason: "done" });
export const program = join(repository, "tests", "end-to-end", "mcp", "mcp-server.mjs");
export const inContinuous = ["-c", "--trust-extensions"];

export type McpWorldOptions = {
  mode?: string;
  servers?: Record<string, object>;
  /** Lines of ai_settings.yaml besides; the user allows every tool of the server unless told. */
  more?: string;
  /** Fields of the server besides. */
  server?: object;
};

export type McpWorld = World & { calls(): Promise<string[]> };

/** A world with one server, `test`, whose calls are noted in the file `calls`. */
export async function worldWith(
  t: TestContext,
  chat: readonly string[],
  { mode = "", servers = {}, more = 'approve:\n  "test.*": always\n', server = {} }: McpWorldOptions = {},
): Promise<McpWorld> {
  const world = await scriptedWorld(t, [...chat, done], {
    env: { MY_API_KEY: "do-not-pass-this-on" },
  });
  const calls = join(world.folder, "calls");
  const env = { MODE: mode, CALLS: calls, CHANGED: join(world.folder, "changed") };
  const named = { test: { command: process.execPath, args: [program], env, ...server }, ...servers };
  const settings = join(world.folder, "ai_settings.yaml");
  await writeFile(settings, `${await readFile(settings, "utf8")}mcpServers: ${JSON.stringify(named)}\n${more}`);
  const state = { XDG_STATE_HOME: join(world.folder, "state") };
  return {
    ...world,
    run: (args = [], given = {}) => world.run(args, { ...given, env: { ...state, ...given.env } }),
    calls: async () => (await readFile(calls, "utf8").catch(() => "")).split("\n").filter((line) => line !== ""),
  };
}
