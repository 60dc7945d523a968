import { findVoice, goneVoices } from "../../../speech/find-voice.js";
import { findInEnvironment } from "../../../speech/player.js";
import { soundPlayers } from "../../../speech/voices/eleven-labs.js";
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
    const voice = await findVoice(settings, programs, (_, send) => send(context.signal));
    if (!voice) return missing(context, "no voice", systemVoicePrograms(platform), "espeak-ng");
    if (voice.name !== "ElevenLabs") return { state: "ok", found: `--speak uses ${voice.name}` };
    for (const player of soundPlayers()) {
      if ((await findInEnvironment(player, programs)) !== null)
        return { state: "ok", found: `--speak uses ElevenLabs and ${player}` };
    }
    return missing(context, "no program to play what ElevenLabs sends", soundPlayers(), "mpg123");
  },
};

async function missing(
  context: DoctorContext,
  what: string,
  programs: readonly string[],
  usual: string,
): Promise<Finding> {
  const advice = `Install one of ${programs.join(", ")}.`;
  const found = `${what}: --speak would stay silent`;
  return { state: "warn", found, ...withInstall(advice, await installFix(context, usual)) };
}
