import assert from "node:assert/strict";
import { appendFile, mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createMask } from "../../src/base/mask.js";
import { cassetteFile } from "../../src/history/run-log.js";
import { readCassette, type Cassette } from "../../src/cassette/read-cassette.js";
import { recordTape, type Recorder, type RecordOptions } from "../../src/cassette/record.js";
import { temporaryFolder } from "../support/program.js";

type Opened = { tape: Recorder; file: string; warnings: string[]; step(step: number): void };

const plainErrors: RecordOptions["errors"] = {
  write: (thrown) => ({ name: "Error", message: String((thrown as Error).message) }),
  read: ({ message }) => new Error(message),
};

function open(file: string, given: Partial<RecordOptions> = {}): Opened {
  const warnings: string[] = [];
  const now = { step: 0, purpose: "think" };
  const tape = recordTape({
    file,
    session: { run: "r", version: "1", seq: 0, time: "2026-11-28T00:00:00.000Z", about: () => ({ cwd: "/x" }) },
    mask: createMask([]),
    mostBytes: 1 << 30,
    errors: plainErrors,
    now: () => now,
    stoppedBy: () => null,
    warn: (text) => void warnings.push(text),
    ...given,
  });
  return { tape, file, warnings, step: (step) => (now.step = step) };
}

const { signal } = new AbortController();
const say = (tape: Recorder, body: Record<string, unknown>, text: string): Promise<string | null> =>
  tape.request({ path: "/chat/completions", body, signal }, () => Promise.resolve(text));

async function read(file: string): Promise<Cassette> {
  const cassette = await readCassette(file);
  assert.ok(cassette);
  return cassette;
}

test("a cassette gives each request's body back byte for byte, with its answer, and says what repeats once", async (t) => {
  const { tape, file, step } = open(cassetteFile(await temporaryFolder(t)));
  const message = (index: number) => ({ role: "user", content: `${index} ${"long ".repeat(400)}\u{1f600}\n"` });
  const bodies = Array.from({ length: 40 }, (_, index) => ({
    model: "m",
    temperature: 0.5,
    messages: Array.from({ length: index + 1 }, (_one, place) => message(place)),
    nested: { $part: "mine", list: [null, true, { 7: "b", a: undefined }] },
  }));
  for (const [index, body] of bodies.entries()) {
    step(index + 1);
    await say(tape, body, `answer ${index}`);
  }
  tape.close();
  const cassette = await read(file);
  const [session] = cassette.sessions;
  assert.deepEqual(
    session?.requests.map(({ body }) => JSON.stringify(body)),
    bodies.map((body) => JSON.stringify(body)),
  );
  assert.deepEqual(session?.requests.at(-1)?.answer, { text: "answer 39" });
  assert.deepEqual(session?.about, { cwd: "/x" });
  assert.equal(session?.requests.find((request) => request.step === 7)?.body["messages"] instanceof Array, true);
  assert.ok((await stat(file)).size < 60_000, "the size grows with what is new");
});

test("a cassette has events, failures, outcomes and readings as they came, without secrets", async (t) => {
  const secret = "sk-verysecretkey123";
  const { tape, file } = open(cassetteFile(await temporaryFolder(t)), { mask: createMask([secret]) });
  const heard: string[] = [];
  await tape.request({ path: "/c", body: { k: secret }, signal, onData: (data) => heard.push(data) }, (hear) => {
    hear("one");
    hear(`two ${secret}`);
    return Promise.resolve(null);
  });
  await assert.rejects(
    tape.request({ path: "/c", body: {}, signal }, (hear) => {
      hear("half");
      return Promise.reject(new Error("broke"));
    }),
    /broke/,
  );
  await tape.outcome("page", { address: "a" }, () => Promise.resolve({ bytes: Buffer.from([0, 255]), text: secret }));
  for (const time of [1, 1, 2, 2, 1]) tape.reading("clock", () => time);
  tape.close();
  assert.deepEqual(heard, ["one", `two ${secret}`]);
  assert.doesNotMatch(await readFile(file, "utf8"), /verysecret/);
  const [session] = (await read(file)).sessions;
  assert.deepEqual(
    session?.requests.map(({ answer }) => answer),
    [{ events: ["one", "two [secret]"] }, { events: ["half"], error: { name: "Error", message: "broke" } }],
  );
  assert.deepEqual(session?.outcomes[0], {
    ...{ of: "page", step: 0, input: { address: "a" } },
    value: { bytes: Buffer.from([0, 255]), text: "[secret]" },
  });
  assert.deepEqual(
    session?.readings.map(({ n, value }) => [n, value]),
    [
      [0, 1],
      [2, 2],
      [4, 1],
    ],
  );
});

test("a cassette whose program was killed goes on behind its last whole line, and one that is full says so once", async (t) => {
  const folder = await temporaryFolder(t);
  const file = cassetteFile(folder);
  const first = open(file);
  await say(first.tape, { model: "m" }, "yes");
  first.tape.close();
  await appendFile(file, '{"type":"requ');
  const second = open(file, { mostBytes: (await stat(file)).size + 600 });
  for (let index = 0; index < 50; index++) await say(second.tape, { index, text: "x".repeat(300) + index }, "again");
  second.tape.close();
  assert.equal(second.warnings.length, 1);
  assert.match(second.warnings[0] ?? "", /CASSETTE_LIMIT/);
  const cassette = await read(file);
  assert.deepEqual([cassette.sessions.length, cassette.isFull], [2, true]);
  assert.deepEqual(cassette.sessions[0]?.requests[0]?.answer, { text: "yes" });
  assert.equal(await readCassette(join(folder, "none")), null);

  await mkdir(join(folder, "folder"));
  const third = open(join(folder, "folder"));
  assert.equal(await say(third.tape, {}, "the run goes on"), "the run goes on");
  third.tape.close();
  assert.match(third.warnings.join(), /cannot be written any more/);
});

test("a secret that a stream has in two pieces, or that stands in bytes in another spelling, is in no line", async (t) => {
  const secret = "sk-very+secret/key 123";
  const { tape, file } = open(cassetteFile(await temporaryFolder(t)), { mask: createMask([secret]) });
  const said = `The key is ${secret}, and ${encodeURIComponent(secret)} in an address.`;
  const deltas = [...said].map((content) => JSON.stringify({ id: "c1", choices: [{ delta: { content } }] }));
  const heard: string[] = [];
  await tape.request({ path: "/c", body: {}, signal, onData: (data) => heard.push(data) }, (hear) => {
    for (const data of [...deltas, "[DONE]"]) hear(data);
    return Promise.resolve(null);
  });
  const page = Buffer.concat([Buffer.from([0xff, 0]), Buffer.from(`?k=${encodeURIComponent(secret)}&l=${secret};`)]);
  await tape.outcome("page", {}, () => Promise.resolve({ page, wide: Buffer.from(`.${secret}.`, "utf16le") }));
  tape.close();
  assert.equal(heard.length, deltas.length + 1);
  const [session] = (await read(file)).sessions;
  const { answer } = session?.requests[0] ?? {};
  assert.ok(answer && "events" in answer);
  const contents = answer.events
    .slice(0, -1)
    .map((data) => (JSON.parse(data) as { choices: { delta: { content: string } }[] }).choices[0]?.delta.content);
  assert.equal(contents.join(""), "The key is [secret], and [secret] in an address.");
  assert.equal(answer.events.at(-1), "[DONE]");
  const [outcome] = session?.outcomes ?? [];
  assert.ok(outcome && "value" in outcome);
  const { page: masked, wide } = outcome.value as { page: Buffer; wide: Buffer };
  assert.deepEqual([...masked.subarray(0, 2)], [0xff, 0]);
  assert.equal(masked.subarray(2).toString(), "?k=[secret]&l=[secret];");
  assert.equal(wide.toString("utf16le"), ".[secret].");
});

test("a cassette whose parts unpack to more than a run can have recorded is refused, however small it is", async (t) => {
  const { tape, file } = open(cassetteFile(await temporaryFolder(t)));
  for (const [index, letter] of ["a", "b", "c"].entries()) await say(tape, { text: letter.repeat(10_000) }, `${index}`);
  tape.close();
  assert.equal((await readCassette(file, 31_000))?.sessions[0]?.requests.length, 3);
  await assert.rejects(readCassette(file, 25_000), /cassette\.jsonl, line \d+: what is recorded unpacks to more than/);
});

test("a context is given back byte for byte where messages were cut, changed or put in between, or another talk goes on beside it", async (t) => {
  const { tape, file } = open(cassetteFile(await temporaryFolder(t)));
  const message = (text: string) => ({ role: "user", content: [{ type: "text", text: `${text} ${"x".repeat(150)}` }] });
  const [system, other] = [message("You are A."), message("You are B.")];
  const talk = Array.from({ length: 9 }, (_, index) => message(`${index}`));
  const lists = [
    [system, ...talk.slice(0, 5)],
    [system, ...talk.slice(0, 6)],
    [other, ...talk.slice(0, 2)],
    [system, ...talk.slice(2, 8)],
    [system, message("ledger"), ...talk.slice(3, 9)],
    [system, ...talk.slice(3, 5), message("between"), ...talk.slice(5, 9)],
    [other, ...talk.slice(1, 3), talk[1]],
    [system, { content: talk[3]?.content, role: "user" }, ...talk.slice(4, 9)],
  ];
  for (const messages of lists) await say(tape, { model: "m", messages: structuredClone(messages) }, "yes");
  tape.close();
  const { requests = [] } = (await read(file)).sessions[0] ?? {};
  assert.deepEqual(
    requests.map(({ body }) => JSON.stringify(body["messages"])),
    lists.map((messages) => JSON.stringify(messages)),
  );
});

test("messages that follow each other are one run, whatever is said between them, and a short answer stands in its line", async (t) => {
  const { tape, file } = open(cassetteFile(await temporaryFolder(t)));
  const talk = Array.from({ length: 60 }, (_, index) => ({ role: "user", content: `${index}` }));
  const answers = [`short ${"x".repeat(1_500)}`, `long ${"x".repeat(5_000)}`];
  for (let length = 1; length <= talk.length; length += 1) {
    await say(
      tape,
      { input: [`a text ${length} ${"x".repeat(300)}`], messages: talk.slice(0, length) },
      answers[length % 2] ?? "",
    );
    await new Promise((resolve) => setImmediate(resolve));
  }
  tape.close();
  const lines = (await readFile(file, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; body?: Record<string, unknown>; text?: unknown });
  assert.deepEqual(lines.findLast(({ type }) => type === "request")?.body?.["messages"], { $parts: [[0, 59]] });
  const texts = lines.filter(({ type }) => type === "answer").map(({ text }) => text);
  assert.equal(texts.filter((text) => text === answers[0]).length, 30);
  assert.equal(new Set(texts.filter((text) => typeof text !== "string").map((text) => JSON.stringify(text))).size, 1);
  const { requests = [] } = (await read(file)).sessions[0] ?? {};
  assert.deepEqual(
    requests.map(({ answer }) => answer),
    talk.map((_, index) => ({ text: answers[(index + 1) % 2] })),
  );
});
