import { randomUUID } from "node:crypto";
import type { StreamMask } from "../../base/mask.js";
import { createThoughtReader, upToBreak } from "../../console/partial-thoughts.js";
import type { Thoughts } from "../../history/event-parts.js";
import { textContent, type Update } from "../protocol.js";
import { asShown } from "./as-shown.js";

/** The thoughts that are told as a text, in the order in which they are asked for. */
const told = ["text", "reasoning", "criticism"] as const;
type Told = (typeof told)[number];

/** Tells of a reply's thoughts while they come. What the model says to the person, and does, is told when the reply is whole. */
export interface LiveThoughts {
  /** The next piece of the reply; null: it begins, or begins again. */
  hear(piece: string | null): Update[];
  /** What of the thoughts of the reply, which is whole, has not been told. */
  finish(thoughts: Thoughts): Update[];
  /** That what was told belongs to a reply that came to nothing, where any was told. */
  drop(): Update[];
}

/** `mask` takes secrets out of what is told, also where they come in pieces. */
export function createLiveThoughts(mask: StreamMask): LiveThoughts {
  let reader = createThoughtReader();
  /** Of each thought, how much of it as it came was told, and what that is when it is masked. */
  let shown = new Map<Told, { length: number; masked: string }>();
  let messageId = randomUUID();
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
  const reset = (): void => {
    reader = createThoughtReader();
    shown = new Map();
    messageId = randomUUID();
    open = null;
  };
  const drop = (): Update[] => {
    const all = shown.size === 0 ? [] : [chunk(`\n\n${brokeOff}\n\n`)];
    reset();
    return all;
  };
  return {
    drop,
    hear(piece) {
      if (piece === null) return drop();
      const thoughts = reader.read(piece);
      return told.flatMap((name) => {
        const { text, whole } = thoughts.get(name) ?? { text: "", whole: false };
        const rest = text.slice(shown.get(name)?.length ?? 0);
        const ready = whole ? rest : upToBreak(rest, /\s/, mask);
        return tell(name, shown.has(name) ? mask(ready) : mask(ready).trimStart(), ready.length);
      });
    },
    finish(thoughts) {
      const all = told.flatMap((name) => {
        const whole = thoughts[name].trim();
        const begun = shown.get(name)?.masked.trim() ?? "";
        if (whole === "") return [];
        // What was read otherwise than it was told is told again, as it counts.
        return tell(name, whole.startsWith(begun) ? whole.slice(begun.length) : `\n\n${whole}`, 0);
      });
      if (shown.size > 0) all.push(chunk("\n\n"));
      reset();
      return all;
    },
  };
}

const chunkOf = (messageId: string, text: string): Update => ({
  ...{ sessionUpdate: "agent_thought_chunk", messageId },
  content: textContent(text),
});

const brokeOff = "(The reply broke off here. Nothing of it counts.)";
