import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reply } from "../../src/reply/format.js";
import { parseReply } from "../../src/reply/parse.js";
import fc from "../support/properties.js";
import { recordedReplies, replyExamples, replyWith, seedReplies } from "./seed-replies.js";

const isLong = process.env["AUTOGPT_TEST_LONG"] === "1";

const specials = [
  ...[
    '"',
    "'",
    "`",
    "“",
    "”",
    "‘",
    "’",
    '"""',
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "+",
    "\\",
    "\\\\",
    "\\'",
    "\\u12",
    "\\\n",
  ],
  ...[
    "\n",
    "\r\n",
    "\t",
    "\0",
    "\u001b",
    "\u2028",
    "\ufeff",
    "\u00a0",
    "😀",
    "\ud83d",
    "然",
    "```",
    "//",
    "/*",
    "*/",
    "#",
  ],
  ...[
    "<think>",
    "</think>",
    "null",
    "None",
    '"command":',
    '{"command": {"name": "',
    "}}",
    '"}',
    '", "',
    "command name",
  ],
];

type Mutation = (text: string) => string;
const place = fc.double({ min: 0, max: 1, noNaN: true });
const between = (text: string, from: number, to: number): [number, number] => {
  const [start, end] = [Math.floor(Math.min(from, to) * text.length), Math.ceil(Math.max(from, to) * text.length)];
  return [start, Math.min(end, start + 200)];
};
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, place).map(([from, to]): Mutation => (text) => {
    const [start, end] = between(text, from, to);
    return text.slice(0, start) + text.slice(end);
  }),
  fc.tuple(place, fc.constantFrom(...specials)).map(([at, special]): Mutation => (text) => {
    const [start] = between(text, at, at);
    return text.slice(0, start) + special + text.slice(start);
  }),
  fc.tuple(place, place, place).map(([from, to, target]): Mutation => (text) => {
    const [start, end] = between(text, from, to);
    const [into] = between(text, target, target);
    return text.slice(0, into) + text.slice(start, end) + text.slice(into);
  }),
  fc.tuple(place, place).map(([from, to]): Mutation => (text) => {
    const [start, end] = between(text, from, to);
    const middle = start + ((end - start) >> 1);
    return text.slice(0, start) + text.slice(middle, end) + text.slice(start, middle) + text.slice(end);
  }),
  place.map(
    (at): Mutation =>
      (text) =>
        text.slice(0, between(text, at, at)[0]),
  ),
);
const mutated = (seeds: readonly string[]) =>
  fc
    .tuple(fc.constantFrom(...seeds), fc.array(mutation, { minLength: 1, maxLength: 6 }))
    .map(([seed, mutations]) => mutations.reduce((text, mutate) => mutate(text), seed));

function assertWellFormed(reply: Reply): void {
  for (const thought of Object.values(reply.thoughts)) assert.equal(typeof thought, "string");
  assert.deepEqual(Object.keys(reply.thoughts), ["text", "reasoning", "plan", "criticism", "speak"]);
  if (reply.command === null) return assert.match(reply.problem, /^[^\n]+$/);
  assert.equal(reply.problem, null);
  assert.notEqual(reply.command.name.trim(), "");
  assert.equal(typeof reply.command.args, "object");
  assert.ok(reply.command.args !== null && !Array.isArray(reply.command.args));
  assert.equal(typeof JSON.stringify(reply), "string");
}

/** Letters and digits alone, with and without escapes: a mutation may split a name with quotes, `+` or a backslash. */
const lettersOf = (text: string): string => text.replace(/[^\p{L}\p{N}_]/gu, "");
const decoded = (text: string): string =>
  text.replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
const stands = (name: string, text: string): boolean =>
  [text, decoded(text)]
    .flatMap((variant) => [variant, variant.replace(/\\[bfnrt]/g, "")])
    .some((variant) => lettersOf(variant).includes(lettersOf(name)));

function check(text: string): void {
  const reply = parseReply(text);
  assertWellFormed(reply);
  if (reply.command) assert.ok(stands(reply.command.name, text), `${reply.command.name} is not in ${text}`);
}

test("mutated replies never throw and never name a command that is not in the text", (t) => {
  const runs = isLong ? 100_000 : 2_000;
  fc.assert(fc.property(mutated(seedReplies), check), { numRuns: runs });
  t.diagnostic(`${runs} mutated replies`);
});

test("mutated replies of every shape that models give never throw and never name a command that is not in the text", (t) => {
  const seeds = [...replyExamples, ...recordedReplies()].map(({ reply }) => reply);
  const runs = isLong ? 100_000 : 2_000;
  fc.assert(fc.property(mutated(seeds), check), { numRuns: runs });
  t.diagnostic(`${runs} mutations of ${seeds.length} replies`);
});

test("arbitrary text never throws", (t) => {
  const runs = isLong ? 20_000 : 1_000;
  const soup = fc.array(fc.oneof(fc.constantFrom(...specials), fc.string({ maxLength: 4 })), { maxLength: 60 });
  fc.assert(
    fc.property(soup, (parts) => assertWellFormed(parseReply(parts.join("")))),
    { numRuns: runs },
  );
  t.diagnostic(`${runs} texts`);
});

test("a reply that is cut anywhere never gives an argument that is cut", (t) => {
  const args = { file: "a.txt", text: 'one, "two": {three}\n[4] }}}', list: [{ a: "b" }, 12.5, true], last: "end" };
  let count = 0;
  for (const whole of [JSON.stringify, (value: unknown) => JSON.stringify(value, null, 2)].map((print) =>
    print(args),
  )) {
    const reply = replyWith(whole);
    for (let length = 0; length < reply.length; length++) {
      const { command } = parseReply(reply.slice(0, length));
      if (command) assert.deepEqual(command.args, args);
      count += 1;
    }
  }
  t.diagnostic(`${count} cuts`);
});

test("a valid reply in prose, fences or with extra braces keeps every argument as it was", (t) => {
  const runs = isLong ? 20_000 : 1_000;
  const frames = fc.constantFrom(
    (json: string) => `Sure, here it is:\n\n${json}\n\nAnything else?`,
    (json: string) => "```json\n" + json + "\n```",
    (json: string) => "```\n" + json,
    (json: string) => `${json}}}`,
    (json: string) => `<think>{"a": </think>${json}`,
    (json: string) => json.slice(0, -1) + ",}",
    (json: string) => json.slice(0, -1) + "/* done */}",
  );
  const isKept = ([args, frame, spaces]: [Record<string, unknown>, (json: string) => string, number]) => {
    const call = { name: "write_to_file", args };
    const reply = parseReply(frame(JSON.stringify({ thoughts: { text: "x" }, command: call }, null, spaces)));
    assert.equal(JSON.stringify(reply.command), JSON.stringify(call), reply.problem ?? "");
  };
  const noise = fc.array(fc.oneof(fc.constantFrom(...specials), fc.string())).map((parts) => parts.join(""));
  const keys = noise.filter((key) => key !== "arg name");
  const values = fc.dictionary(keys, fc.oneof(noise, fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<unknown>));
  fc.assert(fc.property(fc.tuple(values, frames, fc.constantFrom(0, 2)), isKept), { numRuns: runs });
  t.diagnostic(`${runs} replies`);
});
