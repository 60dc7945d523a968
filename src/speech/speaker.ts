import { messageOf } from "../errors.js";
import type { FoundVoices } from "./find-voice.js";
import type { Voice, VoiceNumber } from "./voice.js";
import { firstCharacters, onOneLine } from "../base/text.js";

/** The longest text of one utterance, in characters; what is longer is shortened at a word. */
const longestText = 1_000;
/** The most texts that wait. */
const longestQueue = 5;
/** How long the last words may take after the end of the run. */
const lastWordsMs = 8_000;

export type SpeakerOptions = {
  /** Looks for voices when there is something to say for the first time. */
  findVoices(): Promise<FoundVoices>;
  /** Is told once of each voice what went wrong. */
  warn(text: string): void;
};

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

export function createSpeaker({ findVoices, warn }: SpeakerOptions): Speaker {
  const queue: { text: string; voice: VoiceNumber }[] = [];
  const ending = new AbortController();
  let voices: Voice[] | null = null;
  let speaking: Promise<void> = Promise.resolve();
  let busy = false;
  let silent = false;

  const fail = (problem: string): void => {
    if (!silent && !ending.signal.aborted) warn(`Speech: ${problem}. Nothing more is read aloud.`);
    silent = true;
    queue.length = 0;
  };
  const lookAround = async (): Promise<Voice[]> => {
    const found = await findVoices();
    const [first] = found.voices;
    if (found.problem !== null && first) warn(`Speech: ${found.problem}. ${first.name} reads instead.`);
    else if (!first)
      fail(found.problem ?? "there is no voice on this system: install espeak-ng, or set ELEVENLABS_API_KEY");
    return [...found.voices];
  };
  const speak = async (text: string, number: VoiceNumber): Promise<void> => {
    voices ??= await lookAround();
    for (let voice = voices[0]; voice && !ending.signal.aborted; voice = voices[0]) {
      try {
        return await voice.speak(text, number, ending.signal);
      } catch (thrown) {
        voices.shift();
        const [next] = voices;
        if (!next) return fail(messageOf(thrown));
        if (!ending.signal.aborted) warn(`Speech: ${messageOf(thrown)}. ${next.name} reads from now on.`);
      }
    }
  };
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next && !silent && !ending.signal.aborted; next = queue.shift()) {
      await speak(next.text, next.voice).catch((thrown: unknown) => fail(messageOf(thrown)));
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
