import { keepRecent } from "../../base/keeping/keep-recent.js";
import type { Embed } from "../memory.js";

/** How many texts' vectors are kept at the least. */
const usualRoom = 32;

/** The same embedding, which knows the texts that it embedded last: those of a run's last steps are asked about again with each step. */
export function withRecentVectors(embed: Embed, room = usualRoom): Embed {
  const kept = keepRecent<string, Float32Array>(room);
  return async (texts, call) => {
    const known = texts.map((text) => kept.get(text));
    const missing = [...new Set(texts.filter((_, place) => known[place] === undefined))];
    const made = missing.length === 0 ? [] : await embed(missing, call);
    if (made.length !== missing.length) return made;
    const fresh = new Map(missing.map((text, place) => [text, made[place] as Float32Array]));
    for (const [text, vector] of fresh) kept.set(text, vector);
    return texts.map((text, place) => (known[place] ?? fresh.get(text)) as Float32Array);
  };
}
