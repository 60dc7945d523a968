import { joinSignals } from "../../base/abort.js";
import { cleanLine } from "../../base/text.js";
import { createMask } from "../../base/mask.js";
import { neverConnected } from "../../base/system-error.js";
import { messageOf } from "../../errors.js";
import type { ServerConfig } from "../config.js";
import { LoginNotRenewed } from "../oauth/kept-login.js";
import { addressesIn, sendToAddresses } from "./addresses.js";
import type { AskUser, CallOutcome, Connected } from "./connected.js";
import { createPatience } from "./patience.js";
import { isAboutLogin, loginAdvice, quoted, statusOf } from "./problems.js";
import { longestReason, reasonWithCause } from "./reason.js";
import { loadClient } from "./transport.js";
import { createQuestions } from "./user-questions.js";

export type CallRequest = {
  tool: string;
  args: Record<string, unknown>;
  signal: AbortSignal;
  /** Answers what the server asks the user in this call; without it, nobody is asked. */
  ask: AskUser | undefined;
  config: ServerConfig;
  /** How long it may take at most, whatever progress the server reports, in milliseconds. */
  mostMs: number;
};

/** Calls a tool once. Never rejects, unless with the signal's reason; what the server asked in the call is settled then. */
export async function callTool(connected: Connected, request: CallRequest): Promise<CallOutcome> {
  const { client, way, asked } = connected;
  const { tool, args, signal, ask, config, mostMs } = request;
  const cut = new AbortController();
  const unwatch = way.onCut(() => cut.abort());
  // The client's own time limit would go on while the user is asked.
  const patience = createPatience(config.timeoutMs);
  const either = joinSignals([signal, cut.signal, patience.signal]);
  const questions = createQuestions(ask, signal);
  asked.now = (params) => patience.during(() => questions.ask(params));
  try {
    const result = await client.callTool(
      { name: tool, arguments: args },
      {
        timeout: mostMs,
        onprogress: patience.again,
        signal: either.signal,
      },
    );
    return await unmasked(connected, { kind: "answered", result });
  } catch (thrown) {
    signal.throwIfAborted();
    const addresses = addressesIn(thrown);
    const outcome =
      addresses.length > 0
        ? await sendToAddresses(addresses, questions)
        : await failedCall(thrown, { ...connected, config, isCut: cut.signal.aborted });
    return await unmasked(connected, outcome);
  } finally {
    asked.now = null;
    patience.end();
    either.release();
    unwatch();
    await questions.end();
  }
}

/** A server may repeat what it was asked with. */
const unmasked = async ({ way }: Connected, outcome: CallOutcome): Promise<CallOutcome> =>
  createMask(await way.secrets())(outcome);

type Failed = Pick<Connected, "way" | "lost"> & { config: ServerConfig; isCut: boolean };

async function failedCall(thrown: unknown, failed: Failed): Promise<CallOutcome> {
  const { way, lost, config, isCut } = failed;
  const { ProtocolError, SdkError, SdkErrorCode } = await loadClient();
  // The session outlives a connection that was cut.
  if (isCut) return unknown("the connection to the server was lost before it answered");
  if (thrown instanceof SdkError && thrown.code === SdkErrorCode.RequestTimeout)
    return unknown(`the server did not answer within ${config.timeoutMs / 1000} seconds`);
  if (thrown instanceof SdkError && thrown.code === SdkErrorCode.ConnectionClosed) {
    lost.reason ??= "the server ended";
    return unknown(`the server ended before it answered.${quoted(way.lastWords())}`);
  }
  if (isAboutLogin(thrown)) return { kind: "not-done", problem: `the server ${loginAdvice(config, way.lacking())}` };
  if (thrown instanceof LoginNotRenewed) return { kind: "not-done", problem: thrown.message };
  const status = config.kind === "http" ? statusOf(thrown) : null;
  if (status !== null) return ofStatus(status, thrown, failed);
  if (thrown instanceof ProtocolError)
    return { kind: "answered", result: { isError: true, content: [{ type: "text", text: thrown.message }] } };
  if (thrown instanceof SdkError)
    return unknown(`the server answered with what is no result: ${cleanLine(thrown.message, longestReason)}`);
  if (neverConnected(thrown)) {
    lost.reason ??= messageOf(thrown);
    return { kind: "not-done", problem: "the server cannot be reached" };
  }
  if (config.kind === "stdio") lost.reason ??= messageOf(thrown);
  return unknown(`the connection to the server was lost: ${reasonWithCause(thrown)}`);
}

const unknown = (problem: string): CallOutcome => ({ kind: "unknown", problem });

/** What a server answers to a session that it does not know (any more). The call was not looked at. */
const forgottenSession = new Set([400, 404]);

/** What an HTTP status in place of an answer tells: one that refuses the request, or one behind which anything may have happened. */
function ofStatus(status: number, thrown: unknown, { way, lost }: Failed): CallOutcome {
  if (forgottenSession.has(status) && way.transport.sessionId !== undefined) {
    lost.reason = "the server does not know the session";
    return { kind: "not-done", problem: "the server was started anew and did not look at this call; ask again" };
  }
  const said = cleanLine(messageOf(thrown).replace(/^Error POSTing to endpoint: /, ""), longestReason) || "no words";
  // Behind a time that ran out, as behind a gateway that lost its server, the work may have been done.
  if (status >= 400 && status < 500 && status !== 408)
    return { kind: "not-done", problem: `the server refused it with HTTP ${status} (${said})` };
  return unknown(`the server, or something on the way to it, answered with HTTP ${status} (${said})`);
}
