import { isObject, parseJson } from "../base/json.js";
import { cutBesideSecrets, type StreamMask } from "../base/mask.js";

/** A text in one of several events, and how it is replaced there. */
type Piece = { event: number; text: string; set(text: string): void };

/**
 * The data of a stream's events, in none of which a secret begins that ends in another: texts at the same place of several events are
 * pieces of one text, and are cut anew where a secret would lie in two. Together they say the same.
 */
export function eventsBesideSecrets(events: readonly string[], mask: StreamMask): readonly string[] {
  if (events.length < 2) return events;
  const parsed = events.map((data) => parseJson(data));
  const places = new Map<string, Piece[]>();
  for (const [event, value] of parsed.entries()) addPieces(places, value, { event, place: "" });
  const changed = new Set<number>();
  for (const pieces of places.values()) {
    const texts = pieces.map((piece) => piece.text);
    for (const [index, text] of cutBesideSecrets(texts, mask).entries()) {
      const piece = pieces[index];
      if (piece === undefined || text === piece.text) continue;
      piece.set(text);
      changed.add(piece.event);
    }
  }
  return events.map((data, event) => (changed.has(event) ? JSON.stringify(parsed[event]) : data));
}

/** Adds every text of an event to those at its place. */
function addPieces(
  places: Map<string, Piece[]>,
  value: unknown,
  { event, place }: { event: number; place: string },
): void {
  if (!isObject(value) && !Array.isArray(value)) return;
  const holder = value as Record<string, unknown>;
  for (const [key, inner] of Object.entries(holder)) {
    const at = `${place}/${key}`;
    if (typeof inner !== "string") addPieces(places, inner, { event, place: at });
    else {
      const piece = { event, text: inner, set: (text: string) => void (holder[key] = text) };
      const before = places.get(at);
      if (before === undefined) places.set(at, [piece]);
      else before.push(piece);
    }
  }
}
