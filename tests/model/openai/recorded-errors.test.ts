import assert from "node:assert/strict";
import { test } from "node:test";
import { fixtureRows, rowsBeside } from "../../support/fixtures.js";
import { ask, chatOn, failure, serve } from "../compose.js";

type ErrorExample = {
  server: string;
  what: string;
  status: number;
  headers: Record<string, string>;
  body: string;
  /** `says`: a part of the server's words that the message repeats; "" where it has none of them. */
  expect: { kind: string; says: string; retryAfterMs?: number };
};

for (const { server, what, status, headers, body, expect } of fixtureRows<ErrorExample>("api-errors.jsonl")) {
  test(`${server}: ${what} (status ${status}) is told as ${expect.kind}`, async (t) => {
    const { url } = await serve(t, { faults: { 0: { status, headers, body } } });
    const error = await failure(chatOn(url).send(ask()));
    assert.deepEqual([error.kind, error.retryAfterMs], [expect.kind, expect.retryAfterMs], error.message);
    if (expect.says !== "") assert.ok(error.message.includes(`The server says: "`), error.message);
    assert.ok(error.message.includes(expect.says), error.message);
  });
}

// Errors as the real service sent them lie beside the repository where somebody has them.
const kinds: Record<number, string> = { 400: "context-too-long", 401: "wrong-key", 429: "rate-limit" };
for (const [index, { status, body }] of rowsBeside<{ status: number; body: string }>(
  "data",
  "api_errors.jsonl",
).entries()) {
  test(`recorded error ${index + 1} (status ${status}) is told as ${kinds[status]}`, async (t) => {
    const { url } = await serve(t, { faults: { 0: { status, body } } });
    assert.equal((await failure(chatOn(url).send(ask()))).kind, kinds[status]);
  });
}
