import { ModelError, type ModelFailure } from "../../errors.js";
import type { Usage } from "../../history/event-parts.js";
import type { ErrorBody } from "../openai/error-body.js";

/** What an attempt counts for in the books. */
export type Charge = { usage: Usage; costUsd: number };

export type FailureFacts = {
  /** How long the server asked to be left alone, in milliseconds. */
  retryAfterMs?: number | undefined;
  /** A parameter the server refused will not be sent again: the same request is worth repeating at once. */
  adapted?: boolean;
  /** The server may have worked on the request, so it may be billed although no answer came. */
  mayBeBilled?: boolean;
  cause?: unknown;
  /** How a person goes on with a run that this ended. */
  advice?: string | undefined;
};

/** One request that failed. `kind` and these facts decide whether it is repeated and what it costs. */
export class FailedRequest extends ModelError {
  readonly retryAfterMs: number | undefined;
  readonly adapted: boolean;
  readonly mayBeBilled: boolean;
  /** Set by the governor, once it has settled the attempt. */
  charge: Charge | undefined;

  constructor(kind: ModelFailure, message: string, facts: FailureFacts = {}) {
    super(kind, message, { cause: facts.cause, advice: facts.advice });
    this.retryAfterMs = facts.retryAfterMs;
    this.adapted = facts.adapted ?? false;
    this.mayBeBilled = facts.mayBeBilled ?? false;
  }
}

/** The server answered, and refused. */
export class RefusedRequest extends Error {
  readonly status: number;
  readonly errorBody: ErrorBody;
  readonly retryAfterMs: number | undefined;
  constructor(status: number, errorBody: ErrorBody, retryAfter: number | undefined) {
    super(`status ${status}`);
    this.name = "RefusedRequest";
    this.status = status;
    this.errorBody = errorBody;
    this.retryAfterMs = retryAfter;
  }
}

/** How long the headers ask to wait, in milliseconds: `retry-after-ms`, or `retry-after` in seconds or as a date. */
export function retryAfterMs(headers: Headers | undefined, now = Date.now()): number | undefined {
  const milliseconds = positive(headers?.get("retry-after-ms"));
  if (milliseconds !== undefined) return milliseconds;
  const after = headers?.get("retry-after");
  const seconds = positive(after);
  if (seconds !== undefined) return seconds * 1000;
  const date = Date.parse(after ?? "");
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function positive(value: string | null | undefined): number | undefined {
  return value && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : undefined;
}
