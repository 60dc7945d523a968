import { ModelError, type ModelFailure } from "../../errors.js";
import type { Usage } from "../../history/event-parts.js";
import { isOnThisMachine } from "../../base/address.js";
import { askedWait, type ResponseHeaders } from "./asked-wait.js";
import { oneLine, type ErrorBody } from "./error-body.js";
import type { Way } from "./proxy.js";

// Everything that a request to a model's server can fail with. What is thrown below the server (ConnectionFailure,
// UnexpectedStatus, RefusedRequest) becomes a FailedRequest, which says what happened and what to do. What a refusal
// means is in meaning.ts.

/** What an attempt counts for in the run's totals. */
export type Charge = { usage: Usage; costUsd: number };

/**
 * What a failed request is settled by: nothing, since it was refused; what the server says that it took; or all that was
 * reserved, since the server may have done the work although no answer came.
 */
export type Billed = "nothing" | "reservation" | Usage;

export type FailureFacts = {
  /** What a person can do about it. */
  advice?: string | undefined;
  /** How long the server asked to be left alone, in milliseconds. */
  retryAfterMs?: number | undefined;
  /** The server said that it is about to be ready: a model is being loaded. Asking again is no further try. */
  loading?: boolean;
  /** The server could not be reached, or the connection broke: the network may be gone, or the server. */
  unreachable?: boolean;
  /** Nothing listens at its address, which is one of this machine: nobody can answer before somebody starts it. */
  absent?: boolean;
  /** What the server refused will not be sent again: the same request is worth repeating at once. */
  adapted?: boolean;
  /** `nothing` unless told. */
  billed?: Billed;
  cause?: unknown;
};

/** One request that failed. `kind` and these facts decide whether it is repeated and what it costs. */
export class FailedRequest extends ModelError {
  readonly retryAfterMs: number | undefined;
  readonly loading: boolean;
  readonly unreachable: boolean;
  readonly absent: boolean;
  readonly adapted: boolean;
  readonly billed: Billed;
  /** Set by the governor, once it has settled the attempt. */
  charge: Charge | undefined;

  constructor(kind: ModelFailure, message: string, facts: FailureFacts = {}) {
    super(kind, message, { cause: facts.cause, advice: facts.advice });
    this.retryAfterMs = facts.retryAfterMs;
    this.loading = facts.loading ?? false;
    this.unreachable = facts.unreachable ?? false;
    this.absent = facts.absent ?? false;
    this.adapted = facts.adapted ?? false;
    this.billed = facts.billed ?? "nothing";
  }
}

/** No answer came, or not all of it. */
export class ConnectionFailure extends Error {
  /** The system's name for what went wrong, such as ECONNRESET; TOO_LARGE for an answer of more than 20 MB. */
  readonly code: string;
  /** False where the request cannot have reached the server. */
  readonly sent: boolean;
  constructor(code: string, sent: boolean) {
    super("connection failure");
    this.name = "ConnectionFailure";
    this.code = code;
    this.sent = sent;
  }
}

/** An answer with a status that no Response may carry a body with: a redirect, or none that HTTP knows. */
export class UnexpectedStatus extends Error {
  readonly status: number;
  /** Where a redirect leads, as the server wrote it. */
  readonly location: string | null;
  readonly errorBody: ErrorBody;
  constructor(status: number, location: string | null, errorBody: ErrorBody) {
    super(`status ${status}`);
    this.name = "UnexpectedStatus";
    this.status = status;
    this.location = location;
    this.errorBody = errorBody;
  }
}

/** The server answered, and refused; or it said so within an answer that began like any other. */
export class RefusedRequest extends Error {
  readonly status: number;
  readonly errorBody: ErrorBody;
  /** How long the server asks to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  constructor(status: number, errorBody: ErrorBody, headers: ResponseHeaders = new Map()) {
    super(`status ${status}`);
    this.name = "RefusedRequest";
    this.status = status;
    this.errorBody = errorBody;
    this.retryAfterMs = askedWait(headers, errorBody);
  }
}

/** Who was asked, as messages name it, the setting that says where it is, and how it is reached. */
export type Asked = { address: string; setting: string; way?: Way };

/**
 * What a request threw, as a failure that says what happened: a broken connection or a redirect as FailedRequest, a
 * status that HTTP does not know as RefusedRequest. Whatever else was thrown stays what it is.
 */
export function failureFrom(thrown: unknown, asked: Asked): unknown {
  if (thrown instanceof ConnectionFailure) return noAnswer(thrown, asked);
  return thrown instanceof UnexpectedStatus ? unexpected(thrown, asked) : thrown;
}

function noAnswer({ code, sent }: ConnectionFailure, { address, setting, way }: Asked): FailedRequest {
  if (code === "TOO_LARGE") {
    const message = `${address} sent an answer of more than 20 MB.`;
    return new FailedRequest("not-a-completion", message, { billed: "reservation" });
  }
  if (code === "ECONNREFUSED" && isOnThisMachine(address) && !way?.advice && !sent) {
    const message = `${address}: Nothing listens there (${code}).`;
    const advice = `Start that server, or correct ${setting}.`;
    return new FailedRequest("no-connection", message, { advice, unreachable: true, absent: true });
  }
  const how = sent ? "The connection broke before the answer was complete" : "No connection could be made";
  return new FailedRequest("no-connection", `${address}: ${how} (${code}).`, {
    advice: [sent ? `Check the network and ${setting}.` : adviceFor(code, setting), way?.advice ?? ""].join(" ").trim(),
    billed: sent ? "reservation" : "nothing",
    unreachable: !isAboutTls(code) && !isAboutCertificate(code),
  });
}

/** What to do where no connection came about. */
function adviceFor(code: string, setting: string): string {
  if (isAboutTls(code)) return `The server does not speak TLS there: does ${setting} begin with http://?`;
  if (!isAboutCertificate(code)) return `Check the network and ${setting}.`;
  return (
    `The server's certificate is not trusted here: check ${setting}, or name the file of a certificate that vouches for ` +
    "it in NODE_EXTRA_CA_CERTS, in the environment (not in .env)."
  );
}

/** A redirect means that the address is wrong; nothing was done there. */
function unexpected({ status, location, errorBody }: UnexpectedStatus, { address, setting }: Asked): Error {
  if (status < 300 || status > 399) return new RefusedRequest(status, errorBody);
  const target = location !== null && URL.canParse(location, address) ? new URL(location, address) : undefined;
  const where = target ? ` to ${oneLine(target.origin + target.pathname, undefined, 200)}` : "";
  return new FailedRequest(
    "refused",
    `${address} has moved${where} (status ${status}), where the key is not sent by itself.`,
    {
      advice:
        `If that is right, set ${setting} to the new address, without the part that names the request ` +
        "(/chat/completions or /embeddings).",
    },
  );
}

/** Whether a code says that the server's certificate is not trusted: OpenSSL's names of that, and Node's. */
export const isAboutCertificate = (code: string): boolean =>
  /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA$|PATH_LENGTH_|HOSTNAME_MISMATCH$|ERR_TLS_CERT_)/.test(code);

/** Whether a code says that both sides could not agree on TLS. */
export const isAboutTls = (code: string): boolean => code === "EPROTO" || code.startsWith("ERR_SSL_");
