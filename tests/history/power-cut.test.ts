import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createEmitter } from "../../src/history/emit.js";
import type { AgentEvent } from "../../src/history/events.js";
import { readEvents } from "../../src/history/read-events.js";
import { journalFile, openRunLog } from "../../src/history/run-log.js";
import { long, temporaryFolder } from "../support/program.js";
import fc from "../support/properties.js";
import { runStart } from "./run-start.js";

const noted: AgentEvent = { type: "context-built", step: 1, tokens: 1, messages: 2, memories: 0, recalled: [] };
const requested: AgentEvent = {
  ...{ type: "model-requested", step: 1, purpose: "embedding", model: "m", reservedUsd: 0, reservedTokens: 1 },
};
/** The least that does not reach the disk where something behind it does, in bytes; with a real disk it is more. */
const leastHole = 8;

test("whatever a power cut takes of the events that are being brought to the disk, those before them are read", async (t) => {
  const folder = await temporaryFolder(t);
  const log = openRunLog(folder);
  const emit = createEmitter({
    ...{ nextSeq: 1, mask: (value) => value, elapsedMs: () => 7, write: log.write },
    listeners: [],
  });
  await emit(runStart());
  await emit(requested);
  const onDisk = (await readFile(journalFile(folder))).length;
  await emit({ type: "step-remembered", step: 0 });
  await Promise.all([noted, requested, requested, requested].map(emit));
  log.close();
  const bytes = await readFile(journalFile(folder));
  const file = join(folder, "cut.jsonl");

  const newlines = [...bytes.entries()].flatMap(([at, byte]) => (byte === 0x0a && at >= onDisk ? [at] : []));
  const place = fc.oneof(fc.integer({ min: onDisk, max: bytes.length }), fc.constantFrom(...newlines));
  const hole = fc.record({ from: place, length: fc.integer({ min: leastHole, max: bytes.length - onDisk }) });
  const cut = fc.record({ holes: fc.array(hole, { maxLength: 3 }), size: fc.oneof(place, fc.constant(bytes.length)) });
  await fc.assert(
    fc.asyncProperty(cut, async ({ holes, size }) => {
      const holed = Buffer.from(bytes);
      for (const { from, length } of holes) holed.subarray(from, from + length).fill(0);
      const left = holed.subarray(0, size);
      await writeFile(file, left);
      const { events, validBytes } = await readEvents(file);
      assert.ok(events.length >= 2 && validBytes >= onDisk);
      assert.ok(left.subarray(0, validBytes).equals(bytes.subarray(0, validBytes)));
    }),
    { numRuns: long ? 5_000 : 500 },
  );
});
