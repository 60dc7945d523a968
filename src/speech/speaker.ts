import { messageOf } from "../errors.js";
import type { VoiceNumber } from "./voice.js";
import { voicesInTurn, type VoicesOptions } from "./voices-in-turn.js";
import { firstCharacters, onOneLine } from "../base/text.js";

/** The longest text of one utterance, in characters; what is longer is shortened at a word. */
const longestText = 1_000;
/** The most texts that wait. */
const longestQueue = 5;
/** How long the last words may take after the end of the run. */
const lastWordsMs = 8_000;

/**
 * Reads texts aloud in the background, one after the other. Where a voice fails, the next one takes over for the rest of
 * the run, with the same text. A failure is a warning and stops nothing else.
 */
export interface Speaker {
  say(text: string, voice?: VoiceNumber): void;
  /** Drops the texts that are still waiting. */
  cut(): void;
  /** Lets the last words be heard for a while, unless `now`, and ends. */
  close(now?: boolean): Promise<void>;
}

export function createSpeaker(options: VoicesOptions): Speaker {
  const queue: { text: string; voice: VoiceNumber }[] = [];
  const ending = new AbortController();
  const speak = voicesInTurn(options);
  let speaking: Promise<void> = Promise.resolve();
  let busy = false;
  let silent = false;

  const fail = (problem: string): void => {
    if (!silent && !ending.signal.aborted) options.warn(`Speech: ${problem}. Nothing more is read aloud.`);
    silent = true;
    queue.length = 0;
  };
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next && !silent && !ending.signal.aborted; next = queue.shift()) {
      await speak(next.text, next.voice, ending.signal).catch((thrown: unknown) => fail(messageOf(thrown)));
    }
  };
  const start = (): void => {
    if (busy) return;
    busy = true;
    speaking = work().finally(() => (busy = false));
  };
  return {
    say(text, number = 1) {
      const spoken = speakable(text);
      if (silent || ending.signal.aborted || spoken === "" || queue.length >= longestQueue) return;
      queue.push({ text: spoken, voice: number });
      start();
    },
    cut: () => void (queue.length = 0),
    async close(now = false) {
      const timer = setTimeout(() => ending.abort(), now ? 0 : lastWordsMs);
      await speaking;
      clearTimeout(timer);
      ending.abort();
    },
  };
}

/** Text without control characters, of a length that somebody would listen to. */
export function speakable(text: string): string {
  const line = onOneLine(text.slice(0, 20 * longestText));
  if (line.length <= longestText) return line;
  const start = firstCharacters(line, longestText);
  const end = start.lastIndexOf(" ");
  return end > longestText / 2 ? start.slice(0, end) : start;
}
