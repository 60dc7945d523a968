import { sleep } from "../../base/abort.js";
import { ModelError, mayPass } from "../../errors.js";
import { FailedRequest, RefusedRequest } from "../http/errors.js";
import type { ModelServer } from "../http/server.js";
import type { Polling } from "../openai/chat-protocol.js";

/** The pauses between two looks grow from the first of these to the last, in milliseconds. */
const pauses = [1_000, 2_000, 4_000, 8_000, 10_000] as const;
/** So many looks in a row may fail for a reason that passes. */
const mostFailures = 5;
/** How long the server may take to hear that an answer is not wanted any more. */
const cancelMs = 3_000;

/**
 * Waits for a response that a server works on without a connection, and resolves to its body once `isOver` says so. It is
 * cancelled where the signal is aborted or it takes too long. Throws FailedRequest, RefusedRequest, or the signal's reason.
 */
export async function pollResponse(polling: Polling, isOver: (body: string) => boolean): Promise<string> {
  const { server, response, signal, timer, longestMs } = polling;
  let waitedMs = 0;
  let failures = 0;
  for (let look = 0; ; look++) {
    if (signal.aborted || waitedMs > longestMs) {
      await cancel(polling);
      signal.throwIfAborted();
      throw tooLong(server, longestMs);
    }
    try {
      const { text } = await server.get(`/responses/${encodeURIComponent(response)}`, signal);
      failures = 0;
      if (isOver(text)) return text;
    } catch (thrown) {
      if (!signal.aborted && (!isPassing(thrown) || ++failures > mostFailures)) throw lost(thrown, server);
    }
    const pause = pauses[Math.min(look, pauses.length - 1)] ?? 0;
    await sleep(pause, signal, timer);
    waitedMs += pause;
  }
}

/** Tells the server that nobody waits any more. What comes of that changes nothing. */
async function cancel({ server, response }: Polling): Promise<void> {
  const nothing = {} as Parameters<ModelServer["post"]>[1];
  const path = `/responses/${encodeURIComponent(response)}/cancel`;
  await server.post(path, nothing, AbortSignal.timeout(cancelMs)).catch(() => undefined);
}

const isPassing = (thrown: unknown): boolean =>
  thrown instanceof RefusedRequest
    ? thrown.status === 408 || thrown.status === 429 || thrown.status >= 500
    : thrown instanceof ModelError && mayPass(thrown);

/** The server may go on with it, so it counts in full. */
const lost = (thrown: unknown, { address }: ModelServer): unknown =>
  thrown instanceof RefusedRequest
    ? new FailedRequest(
        "server-fault",
        `${address} does not give the answer that it was working on (status ${thrown.status}).`,
        {
          billed: "reservation",
          cause: thrown,
        },
      )
    : thrown;

const tooLong = ({ address }: ModelServer, longestMs: number): FailedRequest =>
  new FailedRequest("timeout", `${address} was not done with its answer after ${longestMs / 1000} seconds.`, {
    advice: "OPENAI_TIMEOUT sets how long to wait: in the background, ten times that.",
    billed: "reservation",
  });
