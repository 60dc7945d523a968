import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { FailedRequest } from "../../../src/model/http/errors.js";
import { referenceFile } from "../../support/reference.js";
import { ask, chatOn, serve } from "../compose.js";

const kinds: Record<number, string> = { 400: "context-too-long", 401: "wrong-key", 429: "rate-limit" };

test("errors as the real service sent them are told apart", async (t) => {
  const recorded = referenceFile(t, "data", "api_errors.jsonl");
  if (recorded === null) return;
  const rows = readFileSync(recorded, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { status: number; body: string });
  const server = await serve(t, { faults: (_, index) => rows[index] });
  for (const { status } of rows) {
    const thrown: unknown = await chatOn(server.url)
      .chat(ask())
      .catch((reason: unknown) => reason);
    assert.ok(thrown instanceof FailedRequest);
    assert.equal(thrown.kind, kinds[status]);
  }
  t.diagnostic(`${rows.length} recorded errors`);
});
