import { isObject, parseJson } from "../../base/json.js";
import { ConnectionFailure } from "./errors.js";

/** The last event of OpenAI's protocol; some servers leave the connection open after it. */
const lastEvent = "[DONE]";
/** How long to wait for the stream to end after that event, so that the connection can be used again. */
const endMs = 250;

/** Who hears an answer as it comes. */
export type Listening = {
  /** Whether the answer was declared to be a stream of events. */
  declared: boolean;
  /** Is called for every piece that arrives, also where it is only white space. */
  alive(): void;
  /** Hears the data of each event. */
  onEvent(data: string): void;
  /** Ends the wait for the end of a stream behind its last event. */
  stop(): void;
};

/**
 * Reads an answer to its end. It is a stream of events or one text, whatever it was declared to be: servers send each of
 * them under the content type of the other. Resolves to the text, or to null for a stream, whose events `onEvent` has then
 * heard in order, up to `[DONE]`. Throws what `chunks` throws.
 */
export async function readAnswer(chunks: AsyncGenerator<Uint8Array>, listening: Listening): Promise<string | null> {
  const decoder = new TextDecoder();
  const begun: string[] = [];
  const events = createEventReader();
  let kind: "text" | "events" | undefined;
  for await (const chunk of chunks) {
    listening.alive();
    begun.push(decoder.decode(chunk, { stream: true }));
    kind ??= kindOf(begun.join(""), listening.declared);
    if (kind !== "events") continue;
    for (const data of events.take(begun.splice(0).join(""))) {
      listening.onEvent(data);
      if (data.trim() === lastEvent) {
        await endSoon(chunks, listening.stop);
        return null;
      }
    }
  }
  begun.push(decoder.decode());
  const rest = begun.join("");
  if (kind === "text" || (kind === undefined && !listening.declared && !isEvents(rest))) return rest;
  for (const data of [...events.take(rest), ...events.end()]) listening.onEvent(data);
  return null;
}

/** What an answer is, as far as its beginning tells; JSON never begins with a field's name or a comment. */
function kindOf(beginning: string, declared: boolean): "text" | "events" | undefined {
  const text = beginning.trimStart();
  if (/^[[{<"]/.test(text)) return "text";
  if (isEvents(text)) return "events";
  if (text.length < longestField) return undefined;
  return declared ? "events" : "text";
}

const longestField = "event:".length;
const isEvents = (text: string): boolean => /^\s*(?:data|event|id|retry)?:/.test(text);

/**
 * Text → the `data` of whole events (WHATWG HTML, "Server-sent events"). Comments, with which servers keep a connection
 * open, and other fields are passed over; an event that is called an error is told as one.
 */
function createEventReader() {
  const lines = createLineReader();
  const data: string[] = [];
  let name = "";
  return {
    *take(text: string): Generator<string> {
      for (const line of lines.take(text)) {
        if (line.startsWith("data:")) data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
        else if (line.startsWith("event:")) name = line.slice("event:".length).trim();
        else if (line === "") {
          if (data.length > 0) yield named(name, data.splice(0).join("\n"));
          name = "";
        }
      }
    },
    /** Some servers end right behind their last line, without the empty one that completes an event. */
    *end(): Generator<string> {
      if (data.length > 0) yield named(name, data.splice(0).join("\n"));
    },
  };
}

const named = (name: string, data: string): string => {
  if (name !== "error") return data;
  const value = parseJson(data);
  return isObject(value) && "error" in value ? data : JSON.stringify({ error: value ?? data });
};

/** Waits a moment for the end of the stream. Whatever comes after the last event, even an error, changes nothing. */
async function endSoon(chunks: AsyncGenerator<Uint8Array>, stop: () => void): Promise<void> {
  const timer = setTimeout(stop, endMs);
  try {
    while (!(await chunks.next()).done);
  } catch (thrown) {
    if (!(thrown instanceof ConnectionFailure)) throw thrown;
  } finally {
    clearTimeout(timer);
  }
}

/** Text → whole lines. A line ends at LF, CR or both. */
function createLineReader() {
  const begun: string[] = [];
  return {
    take(text: string): string[] {
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
