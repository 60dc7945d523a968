import type { ErrorCodec } from "../../cassette/tape.js";
import { BudgetError, messageOf, ModelError, ParkedError, RunError, SettingsError } from "../../errors.js";
import { StoreDownError, StoreFullError } from "../../memory/record-store.js";
import { ConnectionFailure, FailedRequest, RefusedRequest, UnexpectedStatus } from "../../model/http/errors.js";
import { WebError } from "../../web/web-error.js";

/** Failures that something is decided by, under the names that cassettes have them by. */
const kinds: Record<string, { prototype: Error }> = {
  RunError,
  SettingsError,
  ModelError,
  ParkedError,
  BudgetError,
  FailedRequest,
  RefusedRequest,
  ConnectionFailure,
  UnexpectedStatus,
  StoreDownError,
  StoreFullError,
  WebError,
};

/** What of a failure is its own affair, or said elsewhere. */
const leftOut = new Set(["name", "message", "stack", "cause", "charge"]);

/** Writes failures down with the fields by which they are told apart; one of another kind is an Error when it is made again. */
export const errorCodec: ErrorCodec = {
  write(thrown) {
    const prototype: unknown = Object.getPrototypeOf(thrown);
    const [name = "Error"] = Object.entries(kinds).find(([, kind]) => kind.prototype === prototype) ?? [];
    const fields = Object.entries(thrown as object).filter(([key, value]) => !leftOut.has(key) && value !== undefined);
    return { name, message: messageOf(thrown), ...(fields.length > 0 && { fields: Object.fromEntries(fields) }) };
  },
  read({ name, message, fields = {} }) {
    const kind = kinds[name];
    if (kind === undefined || !Object.hasOwn(kinds, name)) return Object.assign(new Error(message), fields);
    const made = Object.create(kind.prototype) as Error;
    return Object.assign(made, { name, message, stack: `${name}: ${message}`, ...fields });
  },
};
