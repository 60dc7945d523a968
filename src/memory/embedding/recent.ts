import type { Embed } from "../memory.js";

/** How many texts' vectors are kept. */
const usualRoom = 64;

/** The same embedding, which knows the texts that it embedded last: those of a run's last steps are asked about again with each step. */
export function withRecentVectors(embed: Embed, room = usualRoom): Embed {
  const kept = new Map<string, Float32Array>();
  return async (texts, call) => {
    const missing = [...new Set(texts)].filter((text) => !kept.has(text));
    const made = missing.length === 0 ? [] : await embed(missing, call);
    if (made.length !== missing.length) return made;
    const fresh = new Map(missing.map((text, place) => [text, made[place] as Float32Array]));
    const found = texts.map((text) => (fresh.get(text) ?? kept.get(text)) as Float32Array);
    for (const [place, text] of texts.entries()) {
      // What is asked for again is the newest again.
      kept.delete(text);
      kept.set(text, found[place] as Float32Array);
    }
    for (const oldest of kept.keys()) {
      if (kept.size <= room) break;
      kept.delete(oldest);
    }
    return found;
  };
}
