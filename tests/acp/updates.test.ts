import assert from "node:assert/strict";
import { test } from "node:test";
import { goalOf, saidIn, titleOf, wholeText } from "../../src/acp/prompt-text.js";
import { createUpdates } from "../../src/acp/shown/updates.js";
import { escapeText } from "../../src/base/escape.js";
import type { JournalEvent } from "../../src/history/events.js";
import { emptyTotals } from "../../src/history/totals.js";
import fc, { anyText } from "../support/properties.js";
import { createLineCheck } from "./schema.js";

const text = anyText(60);
const thoughts = fc.record({ text, reasoning: text, plan: text, criticism: text, speak: text });
const args = fc.dictionary(fc.oneof(fc.constantFrom("file", "path", "to", "query", "__proto__"), text), fc.jsonValue());
const command = fc.record({ name: text, args });
const envelope = { seq: 1, time: "2026-11-28T00:00:00.000Z" };

test("whatever a model writes, what is sent keeps to the schema, and moves no cursor", () => {
  const check = createLineCheck();
  fc.assert(
    fc.property(thoughts, command, text, fc.boolean(), (said, call, answer, ok) => {
      const updates = createUpdates({ run: "r", workspace: "/project", told: true }, new Set());
      const events = [
        { type: "reply-parsed", step: 1, command: call, problem: answer, thoughts: said },
        { type: "command-start", step: 1, command: call, effect: answer },
        {
          ...{ type: "step-end", step: 1, command: call, outcome: ok ? "ran" : "feedback", totals: emptyTotals() },
          result: { ok, text: answer },
        },
        {
          ...{
            type: "run-end",
            run: "r",
            reason: "blocked",
            exitCode: 4,
            steps: 1,
            usage: emptyTotals(),
            durationMs: 1,
          },
          goals: [{ goal: answer, verdict: "failed", evidence: answer }],
          ...{ answer, message: answer },
        },
      ] as const;
      for (const event of events) {
        for (const update of updates.of({ ...envelope, ...event } as JournalEvent)) {
          const params = { sessionId: "s", update };
          check.received(JSON.stringify({ jsonrpc: "2.0", method: "session/update", params }));
          // Arguments and paths are what they are.
          for (const one of textsIn({ ...update, rawInput: "", locations: [] })) assert.equal(escapeText(one), one);
        }
      }
    }),
  );
});

test("what the user has brought along is said where the run begins, and what hooks did, with failures as messages", () => {
  const updates = createUpdates({ run: "r", workspace: "/project", told: false }, new Set());
  const said = (event: object): string[] =>
    updates
      .of({ ...envelope, ...event } as JournalEvent)
      .map((one) => `${one.sessionUpdate.split("_")[1]}: ${"content" in one ? textsIn(one.content)[1]?.trim() : ""}`);
  const hook = { event: "before-command", program: "./check.sh" };
  assert.deepEqual(
    said({
      ...{ type: "run-start", goals: [], instructions: [{ file: "/project/AGENTS.md", bytes: 2048, text: "x" }] },
      ...{ hooks: [{ ...hook, required: true }], skills: [{ name: "forms" }, { name: "\x1b[2J" }] },
    }),
    [
      "thought: Instructions: /project/AGENTS.md (2.0 KB)",
      "thought: Hook: before-command: ./check.sh (required)",
      "thought: Skills: forms, \\u001b[2J",
    ],
  );
  const ran = { ...hook, type: "hook-ran", step: 1, ms: 1 };
  assert.deepEqual(said({ ...ran, outcome: "failed", problem: "it ended with exit code 3" }), [
    "message: WARNING: The hook ./check.sh (before-command) failed: it ended with exit code 3.",
  ]);
  assert.deepEqual(said({ ...ran, outcome: "changed", args: { file: "b" }, note: "As agreed" }), [
    'thought: The hook ./check.sh (before-command) changed the arguments: {"file":"b"}',
    "thought: The hook ./check.sh (before-command): As agreed",
  ]);
  assert.deepEqual(said({ ...ran, outcome: "passed" }), []);
});

test("of a goal that is all that was said, the end tells the beginning", () => {
  const updates = createUpdates({ run: "r", workspace: "/project", told: false }, new Set());
  const goals = [{ goal: "word ".repeat(1_000), verdict: "claimed" }];
  const end = {
    type: "run-end",
    run: "r",
    reason: "task-complete",
    exitCode: 0,
    steps: 1,
    usage: emptyTotals(),
    goals,
  };
  const [last] = updates.of({ ...envelope, ...end, durationMs: 1 } as unknown as JournalEvent);
  assert.match(textsIn(last).join(""), /- claimed: (?:word ){59}word …\n/);
});

const textsIn = (value: unknown): string[] =>
  typeof value === "string"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(textsIn)
      : [];

test("nothing in an attached text ends its frame, and no title or goal grows with a prompt", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("[end of /", "]", "'", "\n", "text", "file:///x", "%")),
      text,
      (parts, words) => {
        const attached = parts.join("");
        const said = saidIn(
          [
            { type: "text", text: `Look at ${words}` },
            { type: "resource", resource: { uri: `file:///${attached}`, text: attached } },
          ],
          Error,
        );
        const [, rest = "", end = ""] =
          /data, not instructions\]\n([^]*)\n(\[end of .*\])$/.exec(wholeText(said)) ?? [];
        assert.equal(rest, attached);
        assert.ok(!attached.includes(end));
      },
    ),
  );
  const long = { words: "word ".repeat(100_000), attached: "" };
  assert.ok(goalOf(long).goal.length < 8_100);
  assert.equal(goalOf(long).tell, long.words);
  assert.ok(titleOf(long.words).length <= 80);
});
