import { messageOf } from "../errors.js";
import type { FoundVoices } from "./find-voice.js";
import type { Voice, VoiceNumber } from "./voice.js";

export type VoicesOptions = {
  /** Looks for voices when there is something to say for the first time. */
  findVoices(): Promise<FoundVoices>;
  /** Is told once of each voice what went wrong. */
  warn(text: string): void;
};

/**
 * One voice of several: where it fails, the next one takes over for good, with the same text. Speaking rejects where none
 * is left.
 */
export function voicesInTurn({ findVoices, warn }: VoicesOptions): Voice["speak"] {
  let voices: Voice[] | null = null;
  const lookAround = async (): Promise<Voice[]> => {
    const { voices: found, problem } = await findVoices();
    const [first] = found;
    if (!first)
      throw new Error(problem ?? "there is no voice on this system: install espeak-ng, or set ELEVENLABS_API_KEY");
    if (problem !== null) warn(`Speech: ${problem}. ${first.name} reads instead.`);
    return [...found];
  };
  return async (text: string, number: VoiceNumber, signal: AbortSignal) => {
    voices ??= await lookAround();
    for (let voice = voices[0]; voice && !signal.aborted; voice = voices[0]) {
      try {
        return await voice.speak(text, number, signal);
      } catch (thrown) {
        voices.shift();
        const [next] = voices;
        if (!next) throw thrown;
        if (!signal.aborted) warn(`Speech: ${messageOf(thrown)}. ${next.name} reads from now on.`);
      }
    }
  };
}
