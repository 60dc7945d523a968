import { setting } from "../setting.js";
import { dollars, key, text, truth, webAddress } from "../value-types.js";

const speech = "Speech (--speak)";
const voice = () => text("the id or the name of a voice");

/** Who reads aloud. */
export const speechSettings = {
  elevenLabsKey: setting({
    group: speech,
    environment: ["ELEVENLABS_API_KEY", "ELEVEN_LABS_API_KEY"],
    type: key(),
    secret: true,
    placeholder: "your-elevenlabs-api-key",
    help: "Key of ElevenLabs; without it the system's own voice speaks",
  }),
  elevenLabsVoice1: setting({
    group: speech,
    environment: ["ELEVENLABS_VOICE_1_ID", "ELEVENLABS_VOICE_ID"],
    type: voice(),
    placeholder: "your-voice-id-1",
    help: "Voice of the AI: an id or a name such as Rachel",
  }),
  elevenLabsVoice2: setting({
    group: speech,
    environment: ["ELEVENLABS_VOICE_2_ID"],
    type: voice(),
    placeholder: "your-voice-id-2",
    help: "Voice of its sub-agents",
  }),
  elevenLabsBaseUrl: setting({
    group: speech,
    environment: ["ELEVENLABS_API_BASE_URL"],
    type: webAddress(),
    default: "https://api.elevenlabs.io",
    help: "Address of ElevenLabs",
  }),
  elevenLabsPrice: setting({
    group: speech,
    environment: ["ELEVENLABS_PRICE"],
    type: dollars(),
    example: "0.10",
    help: "US dollars for 1,000 characters on your plan; with it, speech counts towards the cost",
  }),
  useMacOsTts: setting({
    group: speech,
    environment: ["USE_MAC_OS_TTS"],
    type: truth(),
    default: false,
    help: "On macOS: the system's voice (say) even where there is a key of ElevenLabs",
  }),
  useBrianTts: setting({
    group: speech,
    environment: ["USE_BRIAN_TTS"],
    type: truth(),
    default: false,
    help: "Of older versions; that service is gone, and the system's voice takes its place",
  }),
};
