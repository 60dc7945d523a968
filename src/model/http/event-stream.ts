import { addAbortSignal, Readable } from "node:stream";
import { codeOf } from "../../base/system-error.js";
import { ConnectionFailure } from "./errors.js";

const largestStream = 20_000_000;

/** The last event of OpenAI's protocol; some servers leave the connection open after it. */
const lastEvent = "[DONE]";
/** How long to wait for the stream to end after that event, so that the connection can be used again. */
const endMs = 250;

/**
 * The `data` of each event of a server-sent event stream, in order (WHATWG HTML, "Server-sent events"), up to `[DONE]`.
 * Comments, with which servers keep a connection open, and other fields are passed over. An event that the end of the
 * stream cuts off is left out. `alive` is called for every piece that arrives. Throws ConnectionFailure when the
 * connection breaks.
 */
export async function* streamedEvents(
  body: Readable,
  signal: AbortSignal,
  alive: () => void = () => undefined,
): AsyncGenerator<string> {
  const lines = createLineReader();
  const event: string[] = [];
  const stop = new AbortController();
  const chunks = chunksOf(body, AbortSignal.any([signal, stop.signal]));
  for await (const chunk of chunks) {
    alive();
    for (const line of lines.take(chunk)) {
      if (line === "" && event.length > 0) {
        const data = event.splice(0).join("\n");
        yield data;
        if (data.trim() === lastEvent) return endSoon(chunks, stop);
      } else if (line.startsWith("data:")) event.push(line.slice(line.startsWith("data: ") ? 6 : 5));
    }
  }
  // Some servers end right behind their last line, without the empty one that completes an event.
  if (event.length > 0) yield event.join("\n");
}

/** Waits a moment for the end of the stream. Whatever comes after the last event, even an error, changes nothing. */
async function endSoon(chunks: AsyncGenerator<Uint8Array>, stop: AbortController): Promise<void> {
  const timer = setTimeout(() => stop.abort(), endMs);
  try {
    while (!(await chunks.next()).done);
  } catch (thrown) {
    if (!(thrown instanceof ConnectionFailure)) throw thrown;
  } finally {
    clearTimeout(timer);
  }
}

/** The events of a stream that has arrived as a whole, under another content type. */
export async function eventsOfText(text: string): Promise<string[]> {
  const body = Readable.from([Buffer.from(text)]);
  const events: string[] = [];
  for await (const event of streamedEvents(body, new AbortController().signal)) events.push(event);
  return events;
}

/** Whether a text is such a stream: JSON never begins with a field's name or a comment. */
export const looksLikeEvents = (text: string): boolean => /^\s*(?:data|event|id|retry)?:/.test(text);

/** The chunks of a body; waiting for one ends with the signal. */
async function* chunksOf(body: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  let size = 0;
  try {
    for await (const chunk of addAbortSignal(signal, body) as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      if (size > largestStream) throw new ConnectionFailure("TOO_LARGE", true);
      yield chunk;
    }
  } catch (thrown) {
    throw thrown instanceof ConnectionFailure ? thrown : new ConnectionFailure(codeOf(thrown) ?? "unknown", true);
  }
}

/** Bytes → whole lines. A line ends at LF, CR or both; a character may be spread over two pieces. */
function createLineReader() {
  const decoder = new TextDecoder();
  const begun: string[] = [];
  return {
    take(chunk: Uint8Array): string[] {
      const text = decoder.decode(chunk, { stream: true });
      const mayEnd = /[\r\n]/.test(text) || begun.at(-1)?.endsWith("\r") === true;
      begun.push(text);
      // A line that comes in very many pieces is put together once, not with every piece.
      if (!mayEnd) return [];
      const whole = begun.splice(0).join("");
      // A CR at the very end may be the first half of a line's end.
      const end = Math.max(whole.lastIndexOf("\n"), whole.lastIndexOf("\r", whole.length - 2));
      const lines = whole.slice(0, end + 1).split(/\r\n|\n|\r/);
      begun.push(whole.slice(end + 1));
      lines.pop();
      return lines;
    },
  };
}
