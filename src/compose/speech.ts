import { setTimeout as sleep } from "node:timers/promises";
import type { Models } from "./models.js";
import type { Listener } from "../history/emit.js";
import { soundEnvironment } from "../settings/environment/bare-environment.js";
import type { Settings } from "../settings/schema.js";
import { findVoices, goneVoices } from "../speech/find-voice.js";
import { speechListener } from "../speech/listener.js";
import { createSpeaker } from "../speech/speaker.js";
import { isRefusal } from "../speech/voices/eleven-labs.js";

/** How long the end of a run waits for a sentence that is being fetched, so that its cost is counted. */
const settleMs = 3_000;

export type SpeechOptions = {
  settings: Settings;
  /** The models of the run, once there are any: what is paid for speech counts with theirs. */
  models(): Models | undefined;
  warn(text: string): void;
  signal: AbortSignal;
};

/** The voice of one run. */
export type RunSpeech = {
  listener: Listener;
  /** Before the run ends: nothing more is paid for. */
  settle(): Promise<void>;
  /** After it: the last words, or none where it was interrupted. */
  close(): Promise<void>;
};

/** Reads a run aloud, if that was asked for; null otherwise. */
export function createRunSpeech({ settings, models, warn, signal }: SpeechOptions): RunSpeech | null {
  if (!settings.speak) return null;
  for (const line of goneVoices(settings)) warn(line);
  const over = new AbortController();
  const paying = AbortSignal.any([signal, over.signal]);
  const payments = new Set<Promise<unknown>>();
  const pay = async <Given>(characters: number, send: (own: AbortSignal) => Promise<Given>): Promise<Given> => {
    const usd = settings.elevenLabsPrice === undefined ? undefined : (characters / 1000) * settings.elevenLabsPrice;
    const charge = { step: 0, signal: paying, purpose: "speech" as const, model: "ElevenLabs", usd, isRefusal };
    const payment = models()?.flatCharge(charge, () => send(paying)) ?? send(paying);
    payments.add(payment);
    return payment.finally(() => payments.delete(payment));
  };
  const programs = { environment: soundEnvironment(), platform: process.platform };
  const speaker = createSpeaker({ findVoices: () => findVoices(settings, programs, pay), warn });
  return {
    listener: speechListener(speaker),
    async settle() {
      speaker.cut();
      await Promise.race([Promise.allSettled(payments), sleep(settleMs, undefined, { ref: false })]);
      over.abort(new Error("the run has ended"));
      await Promise.allSettled(payments);
    },
    close: () => speaker.close(signal.aborted),
  };
}
