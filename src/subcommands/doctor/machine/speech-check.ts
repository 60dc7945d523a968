import { basename } from "node:path";
import { findVoices, goneVoices } from "../../../speech/find-voice.js";
import type { Voice } from "../../../speech/voice.js";
import { findSoundPlayer, soundPlayers } from "../../../speech/voices/eleven-labs.js";
import { systemVoicePrograms } from "../../../speech/voices/system.js";
import type { DoctorCheck, Finding, DoctorContext } from "../check.js";
import { installFix, withInstall } from "../install.js";

/** Who would read aloud with --speak. */
export const speechCheck: DoctorCheck = {
  id: "speech",
  async look(context) {
    const { settings, environment, platform } = context;
    const [gone] = goneVoices(settings);
    if (gone !== undefined) {
      return {
        state: "warn",
        found: gone,
        advice: "Remove USE_BRIAN_TTS.",
        fixes: [{ setting: "USE_BRIAN_TTS=False" }],
      };
    }
    const programs = { environment, platform };
    const { voices, problem } = await findVoices(settings, programs, (_, send) => send(context.signal));
    const [first, second] = voices;
    if (problem !== null)
      return missing(context, "no program to play what ElevenLabs sends", first, soundPlayers(), "mpg123");
    if (!first) return missing(context, "no voice", undefined, systemVoicePrograms(platform), "espeak-ng");
    const player = first.name === "ElevenLabs" ? await findSoundPlayer(programs) : null;
    const sound = player === null ? "" : ` and ${basename(player.path)}`;
    const behind = second === undefined ? "" : `, and ${second.name} where that fails`;
    return { state: "ok", found: `--speak uses ${first.name}${sound}${behind}` };
  },
};

async function missing(
  context: DoctorContext,
  what: string,
  instead: Voice | undefined,
  programs: readonly string[],
  usual: string,
): Promise<Finding> {
  const advice = `Install one of ${programs.join(", ")}.`;
  const found = `${what}: --speak would ${instead === undefined ? "stay silent" : `use ${instead.name}`}`;
  return { state: "warn", found, ...withInstall(advice, await installFix(context, usual)) };
}
