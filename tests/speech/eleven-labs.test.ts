import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test, type TestContext } from "node:test";
import { findVoices, goneVoices, type VoiceSettings } from "../../src/speech/find-voice.js";
import { elevenLabsVoice } from "../../src/speech/voices/eleven-labs.js";
import { loadSettings } from "../../src/settings/load.js";
import { stubPlayers } from "../support/stub-player.js";
import { temporaryFolder } from "../support/program.js";
import { listenLocally } from "../support/services/local-server.js";

type Heard = { path: string; key: string | undefined; body: Record<string, unknown> };

async function elevenLabs(t: TestContext, status = 200): Promise<{ url: string; heard: Heard[] }> {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const body = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
      heard.push({ path: request.url ?? "", key: request.headers["xi-api-key"] as string | undefined, body });
      if (status !== 200)
        return void response
          .writeHead(status, { "content-type": "application/json" })
          .end('{"detail":"quota_exceeded"}');
      if (request.url?.startsWith("/v1/voices")) {
        response.writeHead(200, { "content-type": "application/json" });
        return void response.end(
          JSON.stringify({ voices: [{ voice_id: "own-voice-id-00000001", name: "Greta - calm" }] }),
        );
      }
      response.writeHead(200, { "content-type": "audio/mpeg" }).end("ID3 sound");
    });
  });
  const port = await listenLocally(server);
  t.after(() => (server.closeAllConnections(), server.close()));
  return { url: `http://127.0.0.1:${port}`, heard };
}

async function settingsOf(t: TestContext, environment: Record<string, string>): Promise<VoiceSettings> {
  return (await loadSettings({ cwd: await temporaryFolder(t), environment })).settings;
}

async function spoken(t: TestContext, more: Record<string, string>, voiceNumber: 1 | 2 = 1, status = 200) {
  const { url, heard } = await elevenLabs(t, status);
  const stub = await stubPlayers(await temporaryFolder(t), ["mpg123"]);
  const settings = await settingsOf(t, { ELEVENLABS_API_KEY: "el-key-0001", ELEVENLABS_API_BASE_URL: url, ...more });
  const paid: number[] = [];
  const { signal } = new AbortController();
  const { voices } = await findVoices(
    settings,
    { environment: { PATH: stub.path }, platform: "linux" },
    (characters, send) => {
      paid.push(characters);
      return send(signal);
    },
  );
  const [voice] = voices;
  assert.equal(voice?.name, "ElevenLabs");
  const result = await voice.speak('"; touch x; " 🙂', voiceNumber, signal).then(
    () => "spoken",
    (thrown: unknown) => String(thrown),
  );
  return { result, heard, paid, played: await stub.played() };
}

test("speaks by the official client, plays the sound and counts its characters", async (t) => {
  const { result, heard, paid, played } = await spoken(t, {});
  assert.equal(result, "spoken");
  assert.match(heard[0]?.path ?? "", /^\/v1\/text-to-speech\/21m00Tcm4TlvDq8ikWAM\?/);
  assert.equal(heard[0]?.key, "el-key-0001");
  assert.equal(heard[0]?.body["text"], '"; touch x; " 🙂');
  assert.equal(heard[0]?.body["model_id"], "eleven_multilingual_v2");
  assert.deepEqual(paid, [15]);
  assert.equal(played.length, 1);
  assert.match(played[0]?.args.at(-1) ?? "", /speech\.mp3$/);
});

test("voices by id, by a known name and by a name of the account; the second voice is another one", async (t) => {
  const path = async (env: Record<string, string>, number: 1 | 2 = 1) =>
    (await spoken(t, env, number)).heard.at(-1)?.path.split(/[/?]/)[3];
  assert.equal(await path({ ELEVENLABS_VOICE_1_ID: "abcdefghij0123456789" }), "abcdefghij0123456789");
  assert.equal(await path({ ELEVENLABS_VOICE_1_ID: "Josh" }), "TxGEqnHWrfWFTfGW9XjX");
  assert.equal(await path({ ELEVENLABS_VOICE_1_ID: "greta" }), "own-voice-id-00000001");
  assert.equal(await path({}, 2), "AZnzlk1XvdvUeBnXmlld");
});

test("pitfall 80: placeholders of the template count as unset, for the key and for the voices", async (t) => {
  const settings = await settingsOf(t, {
    ELEVENLABS_API_KEY: "your-elevenlabs-api-key",
    ELEVENLABS_VOICE_1_ID: "your-voice-id-1",
  });
  assert.deepEqual([settings.elevenLabsKey, settings.elevenLabsVoice1], [undefined, undefined]);
  const { heard } = await spoken(t, { ELEVENLABS_VOICE_1_ID: "your-voice-id-1" });
  assert.match(heard[0]?.path ?? "", /21m00Tcm4TlvDq8ikWAM/);
  const other = await settingsOf(t, { ELEVEN_LABS_API_KEY: "el-key-0002" });
  assert.equal(other.elevenLabsKey, "el-key-0002");
});

test("a key that has no characters left is a failure of the voice, without the key in it", async (t) => {
  const { result, played } = await spoken(t, {}, 1, 401);
  assert.notEqual(result, "spoken");
  assert.doesNotMatch(result, /el-key-0001/);
  assert.deepEqual(played, []);
});

test("a sentence is asked for once more where the service failed, not where it refused; each time is paid for", async (t) => {
  for (const [status, times] of [
    [500, 2],
    [503, 2],
    [408, 2],
    [401, 1],
    [429, 1],
  ] as const) {
    const { heard, paid } = await spoken(t, {}, 1, status);
    assert.deepEqual([heard.length, paid.length], [times, times], String(status));
  }
});

const free = <Given>(_characters: number, send: (signal: AbortSignal) => Promise<Given>): Promise<Given> =>
  send(new AbortController().signal);

test("without a program that plays its sound, ElevenLabs is not asked, and the system's voice is there", async (t) => {
  const settings = await settingsOf(t, { ELEVENLABS_API_KEY: "el-key-0001" });
  const { path } = await stubPlayers(await temporaryFolder(t), ["espeak-ng"]);
  const { voices, problem } = await findVoices(settings, { environment: { PATH: path }, platform: "linux" }, free);
  assert.deepEqual([voices.length, voices[0]?.name], [1, "espeak-ng"]);
  assert.match(problem ?? "", /no program to play what ElevenLabs sends: install one of afplay, mpg123/);
});

test("a service that does not answer has failed after a while, and is not asked again", async (t) => {
  let asked = 0;
  const server = createServer(() => void (asked += 1));
  const port = await listenLocally(server);
  t.after(() => (server.closeAllConnections(), server.close()));
  const voice = elevenLabsVoice({
    apiKey: "el-key-0001",
    baseUrl: `http://127.0.0.1:${port}`,
    voices: { 1: undefined, 2: undefined },
    player: { path: "/nonexistent", args: [] },
    programs: { environment: {}, platform: "linux" },
    patienceMs: 300,
    pay: free,
  });
  await assert.rejects(voice.speak("hello", 1, new AbortController().signal), /did not answer within 0\.3 seconds/);
  assert.equal(asked, 1);
});

test("pitfalls 79 and 81: USE_MAC_OS_TTS=False is false and concerns macOS only; USE_BRIAN_TTS says that the service is gone", async (t) => {
  const stub = await stubPlayers(await temporaryFolder(t), ["say", "espeak-ng", "mpv"]);
  const nameOn = async (platform: NodeJS.Platform, environment: Record<string, string>) => {
    const settings = await settingsOf(t, environment);
    const { voices } = await findVoices(settings, { environment: { PATH: stub.path }, platform }, free);
    return voices.map(({ name }) => name).join(", ");
  };
  const key = { ELEVENLABS_API_KEY: "el-key-0001" };
  assert.equal(await nameOn("darwin", { ...key, USE_MAC_OS_TTS: "True" }), "say");
  assert.equal(await nameOn("darwin", { ...key, USE_MAC_OS_TTS: "False" }), "ElevenLabs, say");
  assert.equal(await nameOn("linux", { ...key, USE_MAC_OS_TTS: "True" }), "ElevenLabs, espeak-ng");
  assert.equal(await nameOn("linux", { USE_MAC_OS_TTS: "True" }), "espeak-ng");
  assert.match(goneVoices(await settingsOf(t, { USE_BRIAN_TTS: "True" }))[0] ?? "", /gone/);
  assert.deepEqual(goneVoices(await settingsOf(t, { USE_BRIAN_TTS: "False" })), []);
});
