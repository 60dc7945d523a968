import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import { createSpeaker, speakable } from "../../src/speech/speaker.js";
import { findSystemVoice } from "../../src/speech/voices/system.js";
import type { FoundVoices } from "../../src/speech/find-voice.js";
import { languageOf } from "../../src/speech/language.js";
import type { Voice } from "../../src/speech/voice.js";
import { stubPlayers } from "../support/stub-player.js";
import { long, temporaryFolder } from "../support/program.js";

const found = (...voices: (Voice | undefined)[]): FoundVoices => ({
  voices: voices.filter((voice) => voice !== undefined),
  problem: null,
});

const nasty = [
  `"; touch x; "`,
  "$(touch x)",
  "`touch x`",
  "' && touch x && '",
  "| touch x",
  "--help",
  "-w x",
  "emoji 🙂👩‍👩‍👧 \ud83d",
  "\u001b[2Jred\u0000",
  "words ".repeat(2000),
  "x".repeat(10_000),
];

for (const program of ["espeak-ng", "spd-say", "say"]) {
  test(`pitfall 78: ${program} gets any text as data: no file, no option, no shell, no crash`, async (t) => {
    const folder = await temporaryFolder(t);
    const stub = await stubPlayers(folder, [program]);
    const place = {
      environment: { PATH: stub.path },
      platform: program === "say" ? ("darwin" as const) : ("linux" as const),
    };
    const voice = await findSystemVoice(place);
    assert.equal(voice?.name, program);
    const before = process.cwd();
    process.chdir(folder);
    t.after(() => process.chdir(before));
    const warnings: string[] = [];
    // The last two are given a text in the same way.
    const part = program === "spd-say" ? 0 : 1;
    const texts = nasty.filter((_text, index) => long || program === "espeak-ng" || index % 2 === part);
    for (const text of texts) {
      const speaker = createSpeaker({
        findVoices: () => Promise.resolve(found(voice)),
        warn: (problem) => void warnings.push(problem),
      });
      speaker.say(text);
      await speaker.close();
    }
    assert.deepEqual(warnings, []);
    assert.deepEqual((await readdir(folder)).sort(), ["played.jsonl", "players"]);
    const played = await stub.played();
    assert.equal(played.length, texts.length);
    for (const [index, { args, input }] of played.entries()) {
      const text = speakable(texts[index] as string);
      if (program === "espeak-ng") assert.deepEqual([input, args.at(-1)], [text, "--stdin"]);
      else assert.deepEqual([args.at(-1), args.at(-2), input], [text, "--", ""]);
    }
  });
}

test("a text is shortened at a word to what somebody would listen to, and control characters become spaces", () => {
  assert.equal(speakable("a\u001b[31m\n\tb\u202ec"), "a [31m b c");
  assert.ok(speakable("words ".repeat(2000)).length <= 1000);
  assert.match(speakable("words ".repeat(2000)), /words$/);
  assert.doesNotMatch(speakable("🙂".repeat(2000)), /\p{Cs}/u);
});

/** A voice whose utterances end when the test says so. */
function heldVoice() {
  const spoken: string[] = [];
  const ends: (() => void)[] = [];
  const voice: Voice = {
    name: "held",
    speak: (text, _voice, signal) =>
      new Promise((resolve) => {
        spoken.push(text);
        ends.push(resolve);
        signal.addEventListener("abort", () => resolve());
      }),
  };
  return { spoken, ends, voice };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("one utterance at a time, and the next step cuts what has not been begun", async () => {
  const { spoken, ends, voice } = heldVoice();
  const speaker = createSpeaker({ findVoices: () => Promise.resolve(found(voice)), warn: assert.fail });
  for (const text of ["one", "two", "three"]) speaker.say(text);
  await turn();
  assert.deepEqual(spoken, ["one"]);
  speaker.cut();
  speaker.say("four");
  ends[0]?.();
  await turn();
  assert.deepEqual(spoken, ["one", "four"]);
  await speaker.close(true);
  speaker.say("five");
  await turn();
  assert.deepEqual(spoken, ["one", "four"]);
});

test("a player that hangs is ended with the run, at once where it was interrupted", async (t) => {
  const stub = await stubPlayers(await temporaryFolder(t), ["espeak-ng"], "setInterval(() => {}, 1000);");
  const place = { environment: { PATH: stub.path }, platform: "linux" as const };
  const speaker = createSpeaker({ findVoices: async () => found(await findSystemVoice(place)), warn: assert.fail });
  speaker.say("hello");
  while ((await stub.played()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const began = performance.now();
  await speaker.close(true);
  assert.ok(performance.now() - began < 7_000, "its last words, 8 seconds at most, were not waited for");
});

for (const [what, then, said] of [
  ["that fails", "process.exit(3);", /espeak-ng ended with code 3/],
  ["that is missing", null, /no voice on this system: install espeak-ng/],
] as const) {
  test(`a player ${what} is told once and stops nothing`, async (t) => {
    const stub = await stubPlayers(await temporaryFolder(t), then === null ? [] : ["espeak-ng"], then ?? "");
    const place = { environment: { PATH: stub.path }, platform: "linux" as const };
    const warnings: string[] = [];
    const speaker = createSpeaker({
      findVoices: async () => found(await findSystemVoice(place)),
      warn: (text) => void warnings.push(text),
    });
    for (let index = 0; index < 5; index += 1) speaker.say(`number ${index}`);
    await speaker.close();
    speaker.say("more");
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", said);
  });
}

/** A voice that fails with this message, or speaks. */
function recordingVoice(name: string, problem?: string): { voice: Voice; spoken: string[] } {
  const spoken: string[] = [];
  const speak = async (text: string): Promise<void> => {
    if (problem !== undefined) throw new Error(problem);
    spoken.push(text);
  };
  return { voice: { name, speak }, spoken };
}

test("where a voice fails, the next one reads the same text, and all later ones; each failure is told once", async () => {
  const [first, second] = [recordingVoice("ElevenLabs", "quota_exceeded"), recordingVoice("espeak-ng")];
  const warnings: string[] = [];
  const speaker = createSpeaker({
    findVoices: () => Promise.resolve(found(first.voice, second.voice)),
    warn: (text) => void warnings.push(text),
  });
  for (const text of ["one", "two", "three"]) speaker.say(text);
  await speaker.close();
  assert.deepEqual(second.spoken, ["one", "two", "three"]);
  assert.deepEqual(warnings, ["Speech: quota_exceeded. espeak-ng reads from now on."]);
});

test("a service that cannot be heard here is told, and the system's voice reads", async () => {
  const { voice, spoken } = recordingVoice("espeak-ng");
  const warnings: string[] = [];
  const speaker = createSpeaker({
    findVoices: () => Promise.resolve({ voices: [voice], problem: "there is no program to play it" }),
    warn: (text) => void warnings.push(text),
  });
  speaker.say("one");
  await speaker.close();
  assert.deepEqual([spoken, warnings], [["one"], ["Speech: there is no program to play it. espeak-ng reads instead."]]);
});

for (const [text, language, voice] of [
  ["Now I read the page.", null, "en"],
  ["我现在读这个网页。", "zh", "cmn-latn-pinyin"],
  ["今からページを読みます。", "ja", "ja"],
  ["이제 페이지를 읽습니다.", "ko", "ko"],
  ["Сейчас я читаю страницу.", "ru", "ru"],
  ["Зараз я читаю цю сторінку, її зміст.", "uk", "uk"],
  ["עכשיו אני קורא את הדף.", "he", "he"],
  ["أقرأ الصفحة الآن.", "ar", "ar"],
  ["اکنون این صفحه را می‌خوانم، چند پاراگراف.", "fa", "fa"],
  ["Τώρα διαβάζω τη σελίδα.", "el", "el"],
  ["अब मैं पृष्ठ पढ़ता हूँ।", "hi", "hi"],
  ["I read 東京 and Москва in the guide to travel.", null, "en"],
  ["用 Python 写一个脚本来分析数据。", "zh", "cmn-latn-pinyin"],
  ["42", null, "en"],
] as const) {
  test(`espeak-ng reads ${JSON.stringify(text)} in the voice ${voice}`, async (t) => {
    assert.equal(languageOf(text), language);
    const stub = await stubPlayers(await temporaryFolder(t), ["espeak-ng"]);
    const found = await findSystemVoice({ environment: { PATH: stub.path }, platform: "linux" });
    await found?.speak(text, 1, new AbortController().signal);
    await found?.speak(text, 2, new AbortController().signal);
    assert.deepEqual(
      (await stub.played()).map(({ args }) => args[1]),
      [voice, `${voice}+f3`],
    );
  });
}

test("a language whose voice is missing is read by the usual one; brackets are no sounds", async (t) => {
  const stub = await stubPlayers(
    await temporaryFolder(t),
    ["espeak-ng"],
    'if (process.argv[3] === "ja") process.exit(1);',
  );
  const voice = await findSystemVoice({ environment: { PATH: stub.path }, platform: "linux" });
  await voice?.speak("今からページを読みます [[x]]", 1, new AbortController().signal);
  assert.deepEqual(
    (await stub.played()).map(({ args, input }) => [args[1], input]),
    ["ja", "en"].map((name) => [name, "今からページを読みます [ [x]]"]),
  );
});
