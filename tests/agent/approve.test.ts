import assert from "node:assert/strict";
import { test } from "node:test";
import { decide, fits } from "../../src/agent/approval-rules.js";
import type { ApprovalRule, Decision } from "../../src/history/approval-rule.js";
import { createApprove, type Approve, type ApprovalOptions, type Permission } from "../../src/agent/approve.js";
import type { Review } from "../../src/commands/command.js";
import type { PreparedCommand } from "../../src/commands/prepare.js";
import { RunError } from "../../src/errors.js";

const named = (name: string): PreparedCommand => ({
  ok: true,
  call: { name, args: {} },
  effect: "nothing",
  review: async () => ({}),
  preview: async () => [],
  run: async () => ({ ok: true, text: "" }),
});
const command = named("do_nothing");
const rule = (name: string, decision: Decision, pattern: string | null = null): ApprovalRule => ({
  command: name,
  pattern,
  decision,
});

type Person = { approve(step: number, review?: Review, one?: PreparedCommand): ReturnType<Approve>; asked: number[] };

/** Answers in order; `asked` holds the steps that were asked about. */
function person(answers: Permission[], options: Partial<ApprovalOptions> = {}): Person {
  const asked: number[] = [];
  const approve = createApprove({
    continuous: false,
    rules: [],
    allowUnconfined: false,
    async ask(_command, _review, step) {
      asked.push(step);
      return answers.shift() ?? { kind: "stop" };
    },
    ...options,
  });
  return { approve: (step, review = {}, one = command) => approve(one, review, step), asked };
}

const yes = (count: number): Permission => ({ kind: "run", count });
const run = { kind: "run" };

test("y -N allows exactly N commands, the one that was asked about included", async () => {
  const { approve, asked } = person([yes(3), yes(1), yes(2)]);
  for (let step = 1; step <= 6; step++) assert.deepEqual(await approve(step), run);
  assert.deepEqual(asked, [1, 4, 5]);
  await assert.rejects(approve(7), RunError);
});

test("feedback is handed on and allows nothing", async () => {
  const { approve, asked } = person([{ kind: "feedback", text: "no" }, yes(1)]);
  assert.deepEqual(await approve(1), { kind: "feedback", text: "no" });
  assert.deepEqual(await approve(2), run);
  assert.deepEqual(asked, [1, 2]);
});

test("stopping is thrown with its reason and says how to go on", async () => {
  const { approve } = person([{ kind: "stop" }]);
  await assert.rejects(approve(1), (thrown: RunError) => {
    assert.equal(thrown.reason, "user-stopped");
    assert.match(thrown.message, /--resume/);
    return true;
  });
});

test("in continuous mode everything is allowed, except what a rule forbids or would have to be asked about", async () => {
  const rules = [rule("delete_file", "never"), rule("execute_shell", "ask")];
  const { approve, asked } = person([], { continuous: true, rules });
  assert.deepEqual(await approve(1), run);
  for (const name of ["delete_file", "execute_shell"]) {
    const verdict = await approve(2, { subjects: ["x"] }, named(name));
    assert.equal(verdict.kind, "refused");
    assert.match(verdict.kind === "refused" ? verdict.text : "", /^Error: .*Do not try it again/);
  }
  assert.deepEqual(asked, []);
});

test("what cannot be run is refused before anyone is asked", async () => {
  const { approve, asked } = person([yes(1)]);
  assert.deepEqual(await approve(1, { refusal: "because" }), { kind: "refused", text: "because" });
  assert.deepEqual(asked, []);
});

test("pitfall 92: a command that a rule always allows is not asked about, and counts for y -N", async () => {
  const { approve, asked } = person([yes(3), yes(1)], { rules: [rule("read_file", "always")] });
  const read = named("read_file");
  assert.deepEqual(await approve(1, { subjects: ["a"] }, read), run);
  assert.deepEqual(await approve(2), run);
  assert.deepEqual(await approve(3, { subjects: ["a"] }, read), run);
  assert.deepEqual(await approve(4), run);
  assert.deepEqual(await approve(5), run);
  assert.deepEqual(asked, [2, 5]);
});

test("unconfined code takes a yes of its own, whatever the rules and y -N say", async () => {
  const { approve, asked } = person([yes(3), yes(1)], { rules: [rule("execute_shell", "always")] });
  await approve(1);
  assert.deepEqual(await approve(2, { unconfined: true, subjects: ["ls"] }, named("execute_shell")), run);
  assert.deepEqual(await approve(3), run);
  assert.deepEqual(asked, [1, 2]);
  const continuous = person([], { continuous: true });
  assert.equal((await continuous.approve(1, { unconfined: true })).kind, "refused");
  const allowed = person([], { continuous: true, allowUnconfined: true });
  assert.deepEqual(await allowed.approve(1, { unconfined: true }), run);
});

const shellRules = [
  rule("execute_shell", "never", "rm *"),
  rule("execute_shell", "always", "git *"),
  rule("execute_shell", "always", "ls"),
];

for (const [subjects, expected] of [
  [["git log"], "always"],
  [["git log", "ls"], "always"],
  [["git log", "sort"], null],
  [["git log", "rm -rf x"], "never"],
  [["RM -rf x"], "never"],
  [["ls", "ls -l"], null],
  [[], null],
  [null, "ask"],
] as const) {
  test(`rules with patterns say ${expected} of ${JSON.stringify(subjects)}`, () => {
    assert.equal(decide(shellRules, "execute_shell", { subjects }), expected);
  });
}

for (const [mentions, expected] of [
  [["rm x"], "ask"],
  [["system rm", "RM"], "ask"],
  [["rm"], "ask"],
  [["rmdir x", "firm"], "always"],
  [["git"], "always"],
  [[], "always"],
] as const) {
  test(`what git may run is ${expected === "ask" ? "asked about" : "no matter"} where it mentions ${JSON.stringify(mentions)}`, () => {
    assert.equal(decide(shellRules, "execute_shell", { subjects: ["git log"], mentions }), expected);
  });
}

test("rules can name all commands, and the first line that fits counts", () => {
  const rules = [rule("read_*", "always"), rule("*", "ask", "secret*"), rule("*", "never", "*.key")];
  assert.equal(decide(rules, "read_file", { subjects: ["secret.key"] }), "always");
  assert.equal(decide(rules, "write_to_file", { subjects: ["secret.key"] }), "ask");
  assert.equal(decide(rules, "write_to_file", { subjects: ["my.key"] }), "never");
  assert.equal(decide(rules, "write_to_file", { subjects: ["notes.txt"] }), null);
});

test("patterns: * is any text, ? one character, everything else itself, in little time", () => {
  for (const [pattern, text, expected] of [
    ["*", "", true],
    ["a*c", "abc", true],
    ["a*c", "abcd", false],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["a.c", "abc", false],
    ["[ab]", "a", false],
    ["**b*", "aab", true],
    ["", "a", false],
  ] as const)
    assert.equal(fits(pattern, text), expected, `${pattern} ${text}`);
  const startedAt = performance.now();
  assert.equal(fits("*a*a*a*a*a*a*a*b", "a".repeat(20_000)), false);
  assert.ok(performance.now() - startedAt < 1_000);
});
