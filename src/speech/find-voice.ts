import type { Settings } from "../settings/schema.js";
import type { ProgramEnvironment } from "./player.js";
import type { Voice } from "./voice.js";
import { elevenLabsVoice, type ElevenLabsOptions } from "./voices/eleven-labs.js";
import { findSystemVoice } from "./voices/system.js";

export type VoiceSettings = Pick<
  Settings,
  | "elevenLabsKey"
  | "elevenLabsVoice1"
  | "elevenLabsVoice2"
  | "elevenLabsBaseUrl"
  | "elevenLabsPrice"
  | "useMacOsTts"
  | "useBrianTts"
>;

/** ElevenLabs where there is a key, else the system's own voice; undefined where there is none. */
export async function findVoice(
  settings: VoiceSettings,
  programs: ProgramEnvironment,
  pay: ElevenLabsOptions["pay"],
): Promise<Voice | undefined> {
  const { elevenLabsKey: apiKey, elevenLabsBaseUrl: baseUrl, elevenLabsVoice1, elevenLabsVoice2 } = settings;
  const prefersSystem = settings.useMacOsTts && programs.platform === "darwin";
  if (apiKey === undefined || prefersSystem) return findSystemVoice(programs);
  return elevenLabsVoice({ apiKey, baseUrl, voices: { 1: elevenLabsVoice1, 2: elevenLabsVoice2 }, programs, pay });
}

/** Warnings about settings whose voices no longer exist. */
export const goneVoices = ({ useBrianTts }: VoiceSettings): string[] =>
  useBrianTts
    ? ["USE_BRIAN_TTS: the service behind that voice is gone; the system's own voice is used. Remove the setting."]
    : [];
