import type { CallToolResult, Client, ElicitRequestParams, ElicitResult } from "@modelcontextprotocol/client";
import type { Way } from "./transport.js";

/** What came of a call: an answer of the tool's; or that it did not happen; or that nobody knows whether it did. */
export type CallOutcome =
  | { kind: "answered"; result: CallToolResult }
  | { kind: "not-done"; problem: string }
  | { kind: "unknown"; problem: string };

/** Answers a server's question to the user. Rejects with the signal's reason only: then nobody waits for an answer any more. */
export type AskUser = (params: ElicitRequestParams, signal: AbortSignal) => Promise<ElicitResult>;

/** A connection that was made. */
export type Connected = {
  /** Another number for each that is made to a server. */
  generation: number;
  /** Who answers what the server asks now, in a call; nobody between calls. */
  asked: { now: ((params: ElicitRequestParams) => Promise<ElicitResult>) | null };
  client: Client;
  way: Way;
  /** Why it is of no use any more; null while it is. */
  lost: { reason: string | null };
};
