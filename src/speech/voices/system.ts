import { findInEnvironment, play, type ProgramEnvironment } from "../player.js";
import type { Voice, VoiceNumber } from "../voice.js";

/** How a program of the system is told to speak: `args` come before the text, which is one argument or its input. */
type SystemVoice = {
  program: string;
  platform?: NodeJS.Platform;
  args(voice: VoiceNumber): readonly string[];
  textAs: "argument" | "input";
};

/** Reads what to say from its input, so that no text becomes part of the program. */
const windowsScript =
  "Add-Type -AssemblyName System.Speech; [Console]::InputEncoding = [Text.Encoding]::UTF8; " +
  "(New-Object System.Speech.Synthesis.SpeechSynthesizer).Speak([Console]::In.ReadToEnd())";

/** In the order in which they are tried. `--` ends the options, so that a text may begin with a dash. */
const systemVoices: readonly SystemVoice[] = [
  {
    program: "say",
    platform: "darwin",
    args: (voice) => (voice === 2 ? ["-v", "Fred", "--"] : ["--"]),
    textAs: "argument",
  },
  { program: "espeak-ng", args: (voice) => ["-v", voice === 2 ? "en+f3" : "en", "--stdin"], textAs: "input" },
  {
    program: "spd-say",
    args: (voice) => ["--wait", "-t", voice === 2 ? "female1" : "male1", "--"],
    textAs: "argument",
  },
  {
    program: "powershell",
    platform: "win32",
    args: () => ["-NoProfile", "-NonInteractive", "-Command", windowsScript],
    textAs: "input",
  },
];

/** The programs that could speak on this system, for advice. */
export const systemVoicePrograms = (platform: NodeJS.Platform): string[] =>
  systemVoices.filter((one) => one.platform === undefined || one.platform === platform).map(({ program }) => program);

/** The voice that this system brings; undefined where it has none. */
export async function findSystemVoice(programs: ProgramEnvironment): Promise<Voice | undefined> {
  for (const { program, platform, args, textAs } of systemVoices) {
    if (platform !== undefined && platform !== programs.platform) continue;
    const path = await findInEnvironment(program, programs);
    if (path === null) continue;
    return {
      name: program,
      speak(text, voice, signal) {
        const given = args(voice);
        const spoken = textAs === "input" ? { args: given, input: text } : { args: [...given, text] };
        return play({ program: path, ...spoken, signal }, programs);
      },
    };
  }
  return undefined;
}
