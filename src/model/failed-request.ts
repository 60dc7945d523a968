import { ModelError, type ModelFailure } from "../errors.js";
import type { Usage } from "./model.js";

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
};

/** One request that failed. `kind` and these facts decide whether it is repeated and what it costs. */
export class FailedRequest extends ModelError {
  readonly retryAfterMs: number | undefined;
  readonly adapted: boolean;
  readonly mayBeBilled: boolean;
  /** Set by the governor, once it has settled the attempt. */
  charge: Charge | undefined;

  constructor(kind: ModelFailure, message: string, facts: FailureFacts = {}) {
    super(kind, message, { cause: facts.cause });
    this.retryAfterMs = facts.retryAfterMs;
    this.adapted = facts.adapted ?? false;
    this.mayBeBilled = facts.mayBeBilled ?? false;
  }
}
