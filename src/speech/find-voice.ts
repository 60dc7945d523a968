import type { Settings } from "../settings/schema.js";
import type { ProgramEnvironment } from "./player.js";
import type { Voice } from "./voice.js";
import { elevenLabsVoice, findSoundPlayer, soundPlayers, type ElevenLabsOptions } from "./voices/eleven-labs.js";
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

/** Voices in the order in which they are tried; `problem`: why the one that was asked for is not among them. */
export type FoundVoices = { voices: readonly Voice[]; problem: string | null };

/** ElevenLabs where there is a key and something that plays its sound, then the system's own voice where there is one. */
export async function findVoices(
  settings: VoiceSettings,
  programs: ProgramEnvironment,
  pay: ElevenLabsOptions["pay"],
): Promise<FoundVoices> {
  const { elevenLabsKey: apiKey, elevenLabsBaseUrl: baseUrl, elevenLabsVoice1, elevenLabsVoice2 } = settings;
  const system = await findSystemVoice(programs);
  const own = system === undefined ? [] : [system];
  const prefersSystem = settings.useMacOsTts && programs.platform === "darwin";
  if (apiKey === undefined || prefersSystem) return { voices: own, problem: null };
  const player = await findSoundPlayer(programs);
  if (player === null) {
    const problem = `there is no program to play what ElevenLabs sends: install one of ${soundPlayers().join(", ")}`;
    return { voices: own, problem };
  }
  const service = elevenLabsVoice({
    apiKey,
    baseUrl,
    voices: { 1: elevenLabsVoice1, 2: elevenLabsVoice2 },
    player,
    programs,
    pay,
  });
  return { voices: [service, ...own], problem: null };
}

/** Warnings about settings whose voices no longer exist. */
export const goneVoices = ({ useBrianTts }: VoiceSettings): string[] =>
  useBrianTts
    ? ["USE_BRIAN_TTS: the service behind that voice is gone; the system's own voice is used. Remove the setting."]
    : [];
