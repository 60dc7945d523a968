/** Who speaks: the AI (1) or one of its sub-agents (2). */
export type VoiceNumber = 1 | 2;

/** Something that reads text aloud. */
export interface Voice {
  /** What it is, for messages. */
  readonly name: string;
  /** Resolves when the text has been spoken, or the signal was aborted. Rejects where that is impossible. */
  speak(text: string, voice: VoiceNumber, signal: AbortSignal): Promise<void>;
}
