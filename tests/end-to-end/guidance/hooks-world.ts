import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { JournalEvent } from "../../../src/history/events.js";
import { eventsOfType } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { scriptedWorld, type World } from "../support/scripted-world.js";

export const done = reply("task_complete", { reason: "done" });
export const write = (file: string, text = "x") => reply("write_to_file", { file, text });
export const trusting = ["-y", "-c", "--trust-extensions"];
export const secret = "sk-very-secret-key-of-mine";

export type HooksWorld = World & { seen(): Promise<Record<string, unknown>[]> };

/** A world with hooks, `hook.sh` and others, in its folder; each event that one is told is a line of `seen`. */
export async function worldWithHooks(
  t: TestContext,
  hooks: unknown,
  chat: readonly string[],
  scripts: Record<string, string> = {},
): Promise<HooksWorld> {
  const world = await scriptedWorld(t, chat, {
    ai: { more: `hooks: ${JSON.stringify(hooks)}\n` },
    env: { OPENAI_API_KEY: secret },
  });
  for (const [name, script] of Object.entries({ "hook.sh": "", ...scripts }))
    await writeFile(join(world.folder, name), `cat >> seen\n${script}`);
  return {
    ...world,
    async seen() {
      const text = await readFile(join(world.folder, "seen"), "utf8").catch(() => "");
      return text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    },
  };
}

/** Each run of a hook, in a few words. */
export const ran = (journal: readonly JournalEvent[]) =>
  eventsOfType(journal, "hook-ran").map(({ step, event, outcome }) => `${step} ${event} ${outcome}`);
