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

/** Calls `take` with each piece of an answer as it comes, and resolves at its end. */
export type Hear = (take: (piece: Uint8Array) => void) => Promise<void>;

/**
 * Reads an answer to its end. It is a stream of events or one text, whatever it was declared to be: servers send each of
 * them under the content type of the other. Resolves to the text, or to null for a stream, whose events `onEvent` has then
 * heard in order, up to `[DONE]`; whatever comes behind that, even an error, changes nothing. Throws what `hear` throws.
 */
export async function readAnswer(hear: Hear, listening: Listening): Promise<string | null> {
  const begun: Uint8Array[] = [];
  let kind: Kind | undefined;
  const events = createEventReader();
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let last: NodeJS.Timeout | undefined;
  const isOver = (datas: Iterable<string>): boolean => {
    for (const data of datas) {
      listening.onEvent(data);
      if (data.trim() === lastEvent) return true;
    }
    return false;
  };
  const take = (piece: Uint8Array): void => {
    if (last !== undefined) return;
    listening.alive();
    begun.push(piece);
    kind ??= kindOf(begun, listening.declared);
    if (kind !== "events") return;
    decoder ??= new TextDecoder();
    const text = decoder.decode(joined(begun.splice(0)), { stream: true });
    // Some servers leave the connection open behind the last event.
    if (isOver(events.take(text))) last = setTimeout(listening.stop, endMs);
  };
  try {
    await hear(take);
  } catch (thrown) {
    if (last === undefined || !(thrown instanceof ConnectionFailure)) throw thrown;
  } finally {
    clearTimeout(last);
  }
  if (last !== undefined) return null;
  const rest = (decoder ?? new TextDecoder()).decode(joined(begun));
  if (kind === "text" || (kind === undefined && !listening.declared && !isEvents(rest))) return rest;
  if (!isOver(events.take(rest))) isOver(events.end());
  return null;
}

const joined = (pieces: readonly Uint8Array[]): Uint8Array =>
  pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces);

type Kind = "text" | "events";

/** What an answer is, as far as its beginning tells; JSON never begins with a field's name or a comment. */
function kindOf(beginning: readonly Uint8Array[], declared: boolean): Kind | undefined {
  if (beginning[0]?.[0] === 0x7b) return "text";
  const text = new TextDecoder().decode(joined(beginning)).trimStart();
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
