import assert from "node:assert/strict";
import { test } from "node:test";
import { readErrorBody } from "../../../src/model/http/error-body.js";
import { RefusedRequest } from "../../../src/model/http/errors.js";
import { meaningOf, statusWithin } from "../../../src/model/http/meaning.js";
import { fixtureRows } from "../../support/fixtures.js";

type Example = {
  server: string;
  what: string;
  status: number;
  headers: Record<string, string>;
  body: string;
  means: { waitMs?: number; [field: string]: unknown };
};

const sentTokens = 4000;

test("what servers answer has one meaning each, in whatever words and places they say it", () => {
  const rows = fixtureRows<Example>("server-answers.jsonl");
  const told = rows.map(({ server, what, status, headers, body }) => {
    const refusal = new RefusedRequest(status, readErrorBody(body), new Map(Object.entries(headers)));
    const { answer, ...said } = meaningOf(refusal, sentTokens);
    const waitMs = said.kind === "wait" ? refusal.retryAfterMs : undefined;
    return { what: `${server}: ${what}`, ...said, ...(answer && { answer }), ...(waitMs && { waitMs }) };
  });
  assert.deepEqual(
    told,
    rows.map(({ server, what, means }) => ({ what: `${server}: ${what}`, ...means })),
  );
  assert.ok(new Set(rows.map(({ server }) => server)).size >= 25);
});

test("an error within an answer has the status that it names, or the one that its name stands for", () => {
  for (const [error, status] of [
    [{ code: 402 }, 402],
    [{ code: "429" }, 429],
    [{ status_code: 503 }, 503],
    [{ type: "overloaded_error" }, 503],
    [{ type: "rate_limit_error" }, 429],
    [{ status: "RESOURCE_EXHAUSTED" }, 429],
    [{ status: "UNAUTHENTICATED" }, 401],
    [{ code: "context_length_exceeded" }, 400],
    [{ type: "BadRequestError" }, 400],
    [{ code: "server_error" }, 500],
    [{}, 500],
  ] as const) {
    const body = readErrorBody(JSON.stringify({ error: { message: "no", ...error } }));
    assert.equal(statusWithin(body), status, JSON.stringify(error));
  }
});
