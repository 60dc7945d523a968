import { languageOf, type Language } from "../language.js";
import { findInEnvironment, play, type ProgramEnvironment } from "../player.js";
import type { Voice, VoiceNumber } from "../voice.js";

/** How a program of the system is told to speak: `args` come before the text, which is one argument or its input. */
type SystemVoice = {
  program: string;
  platform?: NodeJS.Platform;
  /** For a language, null where it is not known; for one that the program does not have, as for null. */
  args(voice: VoiceNumber, language: Language | null): readonly string[];
  textAs: "argument" | "input";
};

/** Mandarin is called so here: `cmn` and `zh` read most characters as English letters. */
const espeakNames: Partial<Record<Language, string>> = { zh: "cmn-latn-pinyin" };

/** Voices that macOS brings, or offers for download. */
const macVoices: Partial<Record<Language, string>> = {
  ar: "Majed",
  el: "Melina",
  he: "Carmit",
  hi: "Lekha",
  ja: "Kyoko",
  ko: "Yuna",
  ru: "Milena",
  th: "Kanya",
  uk: "Lesya",
  zh: "Tingting",
};

/** Reads what to say from its input, so that no text becomes part of the program. */
const windowsScript = (language: Language | null): string =>
  "Add-Type -AssemblyName System.Speech; [Console]::InputEncoding = [Text.Encoding]::UTF8; " +
  "$speaker = New-Object System.Speech.Synthesis.SpeechSynthesizer; " +
  (language === null
    ? ""
    : `$voice = $speaker.GetInstalledVoices() | Where-Object { $_.VoiceInfo.Culture.TwoLetterISOLanguageName -eq '${language}' } | ` +
      "Select-Object -First 1; if ($voice) { $speaker.SelectVoice($voice.VoiceInfo.Name) }; ") +
  "$speaker.Speak([Console]::In.ReadToEnd())";

/** In the order in which they are tried. `--` ends the options, so that a text may begin with a dash. */
const systemVoices: readonly SystemVoice[] = [
  {
    program: "say",
    platform: "darwin",
    args: (voice, language) => {
      const name = (language && macVoices[language]) ?? (voice === 2 ? "Fred" : null);
      return name === null ? ["--"] : ["-v", name, "--"];
    },
    textAs: "argument",
  },
  {
    program: "espeak-ng",
    args: (voice, language) => {
      const name = (language && (espeakNames[language] ?? language)) ?? "en";
      return ["-v", voice === 2 ? `${name}+f3` : name, "--stdin"];
    },
    textAs: "input",
  },
  {
    program: "spd-say",
    args: (voice, language) => [
      "--wait",
      ...(language === null ? [] : ["-l", language]),
      "-t",
      voice === 2 ? "female1" : "male1",
      "--",
    ],
    textAs: "argument",
  },
  {
    program: "powershell",
    platform: "win32",
    args: (_voice, language) => ["-NoProfile", "-NonInteractive", "-Command", windowsScript(language)],
    textAs: "input",
  },
];

/** The programs that could speak on this system, for advice. */
export const systemVoicePrograms = (platform: NodeJS.Platform): string[] =>
  systemVoices.filter((one) => one.platform === undefined || one.platform === platform).map(({ program }) => program);

/** The voice that this system brings; undefined where it has none. A text is read in the language that its letters show. */
export async function findSystemVoice(programs: ProgramEnvironment): Promise<Voice | undefined> {
  for (const { program, platform, args, textAs } of systemVoices) {
    if (platform !== undefined && platform !== programs.platform) continue;
    const path = await findInEnvironment(program, programs);
    if (path === null) continue;
    const speakIn = (language: Language | null, text: string, voice: VoiceNumber, signal: AbortSignal) => {
      const given = args(voice, language);
      const spoken = textAs === "input" ? { args: given, input: asText(text) } : { args: [...given, text] };
      return play({ program: path, ...spoken, signal }, programs);
    };
    return {
      name: program,
      async speak(text, voice, signal) {
        const language = languageOf(text);
        if (language === null) return speakIn(null, text, voice, signal);
        // The program may lack the voice of that language.
        return speakIn(language, text, voice, signal).catch(() => speakIn(null, text, voice, signal));
      },
    };
  }
  return undefined;
}

/** espeak-ng reads what stands in two brackets as sounds. */
const asText = (text: string): string => text.replaceAll("[[", "[ [");
