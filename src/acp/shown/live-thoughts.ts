import { randomUUID } from "node:crypto";
import type { StreamMask } from "../../base/mask.js";
import { createThoughtReader, upToBreak } from "../../console/partial-thoughts.js";
import type { Thoughts } from "../../history/event-parts.js";
import { textContent, type Update } from "../protocol.js";
import { asShown } from "./as-shown.js";

/** The thoughts that are told as a text, in the order in which they are asked for. */
const told = ["text", "reasoning", "criticism"] as const;
type Told = (typeof told)[number] | "thinking";

/** Tells of a reply's thoughts while they come. What the model says to the person, and does, is told when the reply is whole. */
export interface LiveThoughts {
  /** The next piece of the reply; null: it begins, or begins again. */
  hear(piece: string | null): Update[];
  /** The next piece of what the model thinks before its reply. */
  think(piece: string): Update[];
  /** What of the thoughts of the reply, which is whole, has not been told. */
  finish(thoughts: Thoughts): Update[];
  /** That what was told belongs to a reply that came to nothing, where any was told. */
  drop(): Update[];
}

/** `mask` takes secrets out of what is told, also where they come in pieces. */
export function createLiveThoughts(mask: StreamMask): LiveThoughts {
  let reader = createThoughtReader();
  let thinking = createThinking(mask);
  let inline = createInlineThinking();
  let message = createMessage();

  const reset = (): void => {
    reader = createThoughtReader();
    thinking = createThinking(mask);
    inline = createInlineThinking();
    message = createMessage();
  };
  const drop = (): Update[] => {
    const all = message.shown.size === 0 ? [] : [message.chunk(`\n\n${brokeOff}\n\n`)];
    reset();
    return all;
  };
  return {
    drop,
    think: (piece) => message.tell("thinking", thinking.add(piece), 0),
    hear(piece) {
      if (piece === null) return drop();
      const { shown, tell } = message;
      const { text: aloud, isOver } = inline(piece);
      const before = tell("thinking", thinking.add(aloud), 0);
      if (isOver) before.push(...tell("thinking", thinking.rest(), 0));
      const thoughts = reader.read(piece);
      const now = told.flatMap((name) => {
        const { text, whole } = thoughts.get(name) ?? { text: "", whole: false };
        const rest = text.slice(shown.get(name)?.length ?? 0);
        const ready = whole ? rest : upToBreak(rest, /\s/, mask);
        return tell(name, shown.has(name) ? mask(ready) : mask(ready).trimStart(), ready.length);
      });
      return [...before, ...now];
    },
    finish(thoughts) {
      const { shown, tell, chunk } = message;
      const all = tell("thinking", thinking.rest(), 0);
      for (const name of told) {
        const whole = thoughts[name].trim();
        const begun = shown.get(name)?.masked.trim() ?? "";
        // What was read otherwise than it was told is told again, as it counts.
        if (whole !== "")
          all.push(...tell(name, whole.startsWith(begun) ? whole.slice(begun.length) : `\n\n${whole}`, 0));
      }
      if (shown.size > 0) all.push(chunk("\n\n"));
      reset();
      return all;
    },
  };
}

/** What is told of one reply. */
function createMessage() {
  /** Of each thought, how much of it as it came was told, and what that is when it is masked. */
  const shown = new Map<Told, { length: number; masked: string }>();
  const messageId = randomUUID();
  let open: Told | null = null;
  const chunk = (text: string): Update => chunkOf(messageId, text);
  const tell = (name: Told, text: string, length: number): Update[] => {
    if (text === "") return [];
    const before = shown.get(name);
    shown.set(name, { length: (before?.length ?? 0) + length, masked: (before?.masked ?? "") + text });
    const begins = open !== null && open !== name ? "\n\n" : "";
    open = name;
    return [chunk(begins + asShown(text, { isPiece: true }))];
  };
  return { shown, chunk, tell };
}

/** What of the thinking can be told, masked. Some servers give the reply itself as thinking: that is told when it is read. */
function createThinking(mask: StreamMask): { add(piece: string): string; rest(): string } {
  let waiting = "";
  let isTold = false;
  let isReply = false;
  const take = (length: number): string => {
    const text = waiting.slice(0, length);
    waiting = waiting.slice(length);
    const shown = isTold ? text : text.trimStart();
    isReply ||= !isTold && /^(?:```|\{)/.test(shown);
    if (isReply) return "";
    isTold ||= shown !== "";
    return mask(shown);
  };
  return {
    add(piece) {
      if (isReply) return "";
      waiting += piece;
      return space.test(piece) ? take(upToBreak(waiting, space, mask).length) : "";
    },
    rest: () => take(waiting.length),
  };
}

/**
 * What a reply has of thinking before all else, in the marks that most models write it in: the part of each piece that belongs to it, and
 * whether nothing more does.
 */
function createInlineThinking(): (piece: string) => { text: string; isOver: boolean } {
  let source = "";
  let state: "before" | "within" | "over" = "before";
  return (piece) => {
    if (state === "over") return { text: "", isOver: true };
    source += piece;
    if (state === "before") {
      const [mark] = /^\s*<think(?:ing)?>/.exec(source) ?? [];
      if (mark === undefined && !"<thinking>".startsWith(source.trimStart())) state = "over";
      if (mark === undefined) return { text: "", isOver: state === "over" };
      state = "within";
      source = source.slice(mark.length);
    }
    const end = source.search(/<\/think(?:ing)?>/);
    if (end !== -1) state = "over";
    // A closing mark may come in pieces.
    const length = end === -1 ? source.search(/(?:<[/a-z]*)?$/) : end;
    const text = source.slice(0, length);
    source = source.slice(length);
    return { text, isOver: state === "over" };
  };
}

/** Where a word ends, also in languages that write none between them. */
const space = /[\s\u3001\u3002\uff01\uff0c\uff1b\uff1f]/;

const chunkOf = (messageId: string, text: string): Update => ({
  ...{ sessionUpdate: "agent_thought_chunk", messageId },
  content: textContent(text),
});

const brokeOff = "(The reply broke off here. Nothing of it counts.)";
