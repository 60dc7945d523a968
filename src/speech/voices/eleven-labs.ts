import { loadPackage } from "../../base/packages/added.js";
import { howToAdd } from "../../base/packages/parts.js";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findInEnvironment, play, type ProgramEnvironment } from "../player.js";
import type { Voice, VoiceNumber } from "../voice.js";

export type ElevenLabsOptions = {
  apiKey: string;
  baseUrl: string;
  /** Ids or names of both voices; undefined: the usual ones. */
  voices: Readonly<Record<VoiceNumber, string | undefined>>;
  /** What plays its sound. */
  player: SoundPlayer;
  programs: ProgramEnvironment;
  /** How long, in ms, to wait for a sentence before that counts as a failure. */
  patienceMs?: number;
  /** Sends a request under the limits of the run, which counts its characters. */
  pay<Given>(characters: number, send: (signal: AbortSignal) => Promise<Given>): Promise<Given>;
};

/** The names that the original took, and the ids behind them. */
const knownVoices: Readonly<Record<string, string>> = {
  rachel: "21m00Tcm4TlvDq8ikWAM",
  domi: "AZnzlk1XvdvUeBnXmlld",
  bella: "EXAVITQu4vr4xnSDxMaL",
  antoni: "ErXwobaYiN019PkySvjV",
  elli: "MF3mGyEYCl7XYWbV9V6O",
  josh: "TxGEqnHWrfWFTfGW9XjX",
  arnold: "VR6AewLTigWG4xSOukaG",
  adam: "pNInz6obpgDQGcFmaJgB",
  sam: "yoZ06aMxZJJ28mfd3POQ",
};

/** Programs that play an MP3 file and end with it. */
const players: readonly { program: string; args: readonly string[] }[] = [
  { program: "afplay", args: [] },
  { program: "mpg123", args: ["-q", "--"] },
  { program: "ffplay", args: ["-nodisp", "-autoexit", "-loglevel", "quiet", "-i"] },
  { program: "mpv", args: ["--no-video", "--really-quiet", "--"] },
];

/** The programs that could play what ElevenLabs sends, for advice. */
export const soundPlayers = (): string[] => players.map(({ program }) => program);

const timeoutInSeconds = 30;
const usualPatienceMs = 20_000;

/** Voices of ElevenLabs, by the vendor's client, which is loaded with the first sentence. */
export function elevenLabsVoice(options: ElevenLabsOptions): Voice {
  const { patienceMs = usualPatienceMs } = options;
  const speaking = { client: undefined as Promise<Client> | undefined };
  return {
    name: "ElevenLabs",
    async speak(text, voice, signal) {
      const client = await (speaking.client ??= openClient(options));
      const limit = AbortSignal.timeout(patienceMs);
      const waiting = AbortSignal.any([signal, limit]);
      const id = await voiceId(client, options.voices[voice] ?? (voice === 1 ? "rachel" : "domi"), waiting);
      const fetchOnce = (): Promise<Uint8Array> =>
        options.pay([...text].length, (paying) => fetchSound(client, id, text, AbortSignal.any([waiting, paying])));
      const sound = await fetchOnce().catch((thrown: unknown) => {
        if (limit.aborted && !signal.aborted)
          throw new Error(`ElevenLabs did not answer within ${patienceMs / 1000} seconds`);
        if (signal.aborted || isRefusal(thrown)) throw thrown;
        return fetchOnce();
      });
      if (signal.aborted) return;
      const folder = await mkdtemp(join(tmpdir(), "autogpt-speech-"));
      try {
        const file = join(folder, "speech.mp3");
        await writeFile(file, sound);
        await play({ program: options.player.path, args: [...options.player.args, file], signal }, options.programs);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** Whether the service has refused a request, which then costs nothing. Whatever else went wrong may be paid for. */
export function isRefusal(thrown: unknown): boolean {
  const status = thrown instanceof Error && "statusCode" in thrown ? Number(thrown.statusCode) : NaN;
  return status >= 400 && status < 500 && status !== 408 && status !== 409;
}

/** The client repeats nothing by itself: each request is paid for. */
async function openClient({ apiKey, baseUrl }: ElevenLabsOptions) {
  const { ElevenLabsClient } = await loadPackage("elevenlabs", () => import("elevenlabs")).catch((cause: unknown) => {
    throw new Error(`the package elevenlabs is not there. ${howToAdd("voice")}`, { cause });
  });
  return new ElevenLabsClient({ apiKey, baseUrl, timeoutInSeconds, maxRetries: 0 });
}
type Client = Awaited<ReturnType<typeof openClient>>;

/** A program that plays an MP3 file, which it gets as its last argument. */
export type SoundPlayer = { path: string; args: readonly string[] };

/** The first of these programs that is there; null where there is none. */
export async function findSoundPlayer(programs: ProgramEnvironment): Promise<SoundPlayer | null> {
  for (const { program, args } of players) {
    const path = await findInEnvironment(program, programs);
    if (path !== null) return { path, args };
  }
  return null;
}

/** A known name's id; a name among the account's voices; anything else is an id. */
async function voiceId(client: Client, wanted: string, abortSignal: AbortSignal): Promise<string> {
  const name = wanted.toLowerCase();
  const known = new Map(Object.entries(knownVoices)).get(name);
  if (known !== undefined) return known;
  if (/^[A-Za-z0-9]{20}$/.test(wanted)) return wanted;
  const { voices } = await client.voices.getAll({}, { abortSignal });
  const own = voices.find(
    (voice) => voice.name?.toLowerCase() === name || voice.name?.toLowerCase().startsWith(`${name} `),
  );
  return own?.voiceId ?? wanted;
}

async function fetchSound(client: Client, id: string, text: string, abortSignal: AbortSignal): Promise<Uint8Array> {
  const stream = await client.textToSpeech.convert(
    id,
    { text, modelId: "eleven_multilingual_v2", outputFormat: "mp3_44100_128" },
    { abortSignal },
  );
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
