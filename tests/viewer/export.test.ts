import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { createMask } from "../../src/base/mask.js";
import { exportViewer } from "../../src/viewer/export.js";
import { temporaryFolder } from "../support/program.js";
import { makeJournal } from "./made-journal.js";

const words = { state: (state: string) => state, sentence: (reason: string) => reason };

test("an exported page has every event of each step, and no key that became one after the run", async (t) => {
  const home = await temporaryFolder(t);
  const [run, secret] = ["20260101-000000-000-abcd", "sk-key-of-later-0001"];
  await makeJournal(home, { run, steps: 20, text: (step) => `${secret} in ${step} ${"x".repeat(3_000)}` });
  const file = join(home, "page.html");
  const unpacked = async (secrets: readonly string[]): Promise<string[]> => {
    await exportViewer({ home, runs: [run], mask: createMask(secrets), words }, file);
    const page = await readFile(file, "utf8");
    return ["data", "details"].map((name) => {
      const [, packed = ""] = new RegExp(`"${name}":"([^"]+)"`).exec(page) ?? [];
      return gunzipSync(Buffer.from(packed, "base64")).toString("utf8");
    });
  };
  const [, details = ""] = await unpacked([]);
  assert.ok(details.includes(secret));
  const [steps = []] = JSON.parse(details) as { step: number; events: { type: string; step: number }[] }[][];
  const lines = (await readFile(join(home, "runs", run, "events.jsonl"), "utf8")).split("\n").slice(0, -1);
  const events = lines.map((line) => JSON.parse(line) as { type: string; step?: number });
  for (const { step, events: own } of steps)
    assert.deepEqual(
      own.map(({ type }) => type),
      events.filter((event) => event.step === step && event.type !== "run-resumed").map(({ type }) => type),
    );
  assert.equal(steps.length, 20);
  assert.ok((await unpacked([secret])).every((text) => !text.includes(secret)));
});
