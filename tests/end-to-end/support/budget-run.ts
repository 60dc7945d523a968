import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import {
  reply,
  startFakeOpenAi,
  type FakeOpenAi,
  type FakeOpenAiOptions,
} from "../../support/services/fake-open-ai.js";
import { journalOf, temporaryFolder, writeAi, type AiFile, type Ended } from "../../support/program.js";
import { runInProcess } from "../../support/in-process.js";

/** Never finishes: a file of three hundred words at every step. */
export const endless = (index: number): string =>
  reply("write_to_file", { file: `${index}.txt`, text: `file ${index}: ${"some words of it ".repeat(75)}` });

export type Setup = { server: FakeOpenAi; folder: string; run(...args: string[]): Promise<Ended> };

/** A folder with its settings, a server, and what runs the program there. The server never lets it finish unless told. */
export async function prepare(
  t: TestContext,
  options: FakeOpenAiOptions = {},
  { ai = {}, env = {} }: { ai?: AiFile; env?: Record<string, string> } = {},
): Promise<Setup> {
  const folder = await temporaryFolder(t);
  await writeAi(folder, ai);
  const server = await startFakeOpenAi({ chat: (_, index) => endless(index), ...options });
  t.after(() => server.close());
  const variables = { OPENAI_API_BASE_URL: server.url, ...env };
  const run = (...args: string[]) => runInProcess({ cwd: folder, args, env: variables });
  return { server, folder, run };
}

/** Fails unless the folder's last run ended for this reason. */
export async function endedBy(folder: string, reason: "limit-cost" | "limit-tokens"): Promise<void> {
  const end = (await journalOf(folder)).at(-1);
  assert.equal(end?.type === "run-end" && end.reason, reason);
}
