import assert from "node:assert/strict";
import { test } from "node:test";
import { decide } from "../../src/agent/approval-rules.js";
import { fits, literalPattern, textOfPattern } from "../../src/base/names/wildcards.js";
import type { ApprovalRule, Decision } from "../../src/history/approval-rule.js";
import { createApprove, type Approve, type ApprovalOptions } from "../../src/agent/approve.js";
import { type Permission } from "../../src/agent/question.js";
import type { CommandContext, Review } from "../../src/commands/command.js";
import type { Preview } from "../../src/history/events/preview.js";
import type { PreparedCommand } from "../../src/commands/prepare.js";
import { proposedRules } from "../../src/agent/proposed-rules.js";
import { RunError } from "../../src/errors.js";

const named = (name: string): PreparedCommand => ({
  ok: true,
  call: { name, args: {} },
  effect: "nothing",
  review: async () => ({}),
  preview: async () => [],
  touches: async () => [],
  foresee: async () => null,
  repeatable: true,
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
    prepare: ({ name, args }) =>
      args["bad"] ? { ok: false, text: "Error: bad." } : { ...named(name), call: { name, args } },
    keep: async () => undefined,
    async ask(_proposal, _rules, step) {
      asked.push(step);
      return answers.shift() ?? { kind: "stop" };
    },
    ...options,
  });
  return {
    approve: (step, review = {}, one = command) =>
      approve({ ...one, review: async () => review }, { step } as CommandContext),
    asked,
  };
}

const unasked: ApprovalOptions = {
  continuous: false,
  rules: [],
  allowUnconfined: false,
  prepare: () => ({ ok: false, text: "" }),
  keep: async () => undefined,
  ask: async () => ({ kind: "stop" }),
};
const context = { step: 1 } as CommandContext;
const readFile = (args: Record<string, unknown>): PreparedCommand => ({
  ...named("read_file"),
  call: { name: "read_file", args },
  review: async () => ({ subjects: [String(args["file"])] }),
});

const yes = (count: number): Permission => ({ kind: "run", count });
const run = { kind: "run" };
/** What of a verdict says whether a command may run. */
const verdict = async (given: ReturnType<Approve>) => {
  const { kind, ...rest } = await given;
  return kind === "run" ? run : { kind, ...rest };
};

test("y -N allows exactly N commands, the one that was asked about included", async () => {
  const { approve, asked } = person([yes(3), yes(1), yes(2)]);
  for (let step = 1; step <= 6; step++) assert.deepEqual(await verdict(approve(step)), run);
  assert.deepEqual(asked, [1, 4, 5]);
  await assert.rejects(approve(7), RunError);
});

test("feedback is handed on and allows nothing", async () => {
  const { approve, asked } = person([{ kind: "feedback", text: "no" }, yes(1)]);
  assert.deepEqual(await approve(1), { kind: "feedback", text: "no" });
  assert.deepEqual(await verdict(approve(2)), run);
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
  assert.deepEqual(await verdict(approve(1)), run);
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
  assert.deepEqual(await verdict(approve(1, { subjects: ["a"] }, read)), run);
  assert.deepEqual(await verdict(approve(2)), run);
  assert.deepEqual(await verdict(approve(3, { subjects: ["a"] }, read)), run);
  assert.deepEqual(await verdict(approve(4)), run);
  assert.deepEqual(await verdict(approve(5)), run);
  assert.deepEqual(asked, [2, 5]);
});

test("unconfined code takes a yes of its own, whatever the rules and y -N say", async () => {
  const { approve, asked } = person([yes(3), yes(1)], { rules: [rule("execute_shell", "always")] });
  await approve(1);
  assert.deepEqual(await verdict(approve(2, { unconfined: true, subjects: ["ls"] }, named("execute_shell"))), run);
  assert.deepEqual(await verdict(approve(3)), run);
  assert.deepEqual(asked, [1, 2]);
  const continuous = person([], { continuous: true });
  assert.equal((await continuous.approve(1, { unconfined: true })).kind, "refused");
  const allowed = person([], { continuous: true, allowUnconfined: true });
  assert.deepEqual(await verdict(allowed.approve(1, { unconfined: true })), run);
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
    ["ls [*].t[?]t", "ls *.t?t", true],
    ["ls [*].t[?]t", "ls a.txt", false],
    ["a[[*]]", "a[*]", true],
    ["[*", "[b", true],
  ] as const)
    assert.equal(fits(pattern, text), expected, `${pattern} ${text}`);
  for (const text of ["*", "a?b", "[*]", "[[?]", "[", "]*["]) {
    assert.ok(fits(literalPattern(text), text), text);
    assert.equal(textOfPattern(literalPattern(text)), text);
    assert.equal(fits(literalPattern(text), `${text}x`), false, text);
  }
  const started = process.cpuUsage();
  assert.equal(fits("*a*a*a*a*a*a*a*b", "a".repeat(20_000)), false);
  assert.ok(process.cpuUsage(started).user < 1_000_000);
});

const preview = (text: string): Preview => [{ kind: "text", title: "text", text }];

test("a yes is to what was seen: where that has changed meanwhile, it is asked about again", async () => {
  const seen: [Preview, string | null][] = [];
  const previews = ["a", "b", "b", "b"];
  const approve = createApprove({
    ...unasked,
    async ask(proposal, _rules, _step, problem) {
      seen.push([proposal.preview, problem]);
      return yes(1);
    },
  });
  const changing = { ...command, preview: async () => preview(previews.shift() ?? "c") };
  assert.equal((await approve(changing, context)).kind, "run");
  assert.deepEqual(seen, [
    [preview("a"), null],
    [preview("b"), "What it would do has changed since you were asked."],
  ]);
});

test("edited arguments are checked, held against the rules and the review, and asked about before they run", async () => {
  const answers: Permission[] = [
    { kind: "edit", args: { bad: true } },
    { kind: "edit", args: { file: "secret" } },
    { kind: "edit", args: { file: "b" } },
    yes(1),
  ];
  const asked: [unknown, string | null][] = [];
  const approve = createApprove({
    ...unasked,
    rules: [rule("read_file", "never", "secret")],
    prepare: ({ name, args }) =>
      args["bad"] ? { ok: false, text: "Error: bad." } : { ...readFile(args), call: { name, args } },
    async ask({ command: { call } }, _rules, _step, problem) {
      asked.push([call.args, problem]);
      return answers.shift() ?? { kind: "stop" };
    },
  });
  const given = await approve(readFile({ file: "a" }), context);
  assert.deepEqual(given.kind === "run" && given.command.call.args, { file: "b" });
  assert.deepEqual(asked, [
    [{ file: "a" }, null],
    [{ file: "a" }, "bad."],
    [{ file: "a" }, "Your rules do not allow it with these arguments."],
    [{ file: "b" }, null],
  ]);
});

test("always: the rule is offered, kept, and holds at once; one that does not fit is told and not kept", async () => {
  const kept: ApprovalRule[] = [];
  const offered: unknown[] = [];
  const problems: (string | null)[] = [];
  const answers: Permission[] = [
    { kind: "always", rules: [rule("read_file", "always", "other")] },
    { kind: "always", rules: [rule("read_file", "always", "notes/*")] },
  ];
  const approve = createApprove({
    ...unasked,
    rules: [rule("read_file", "ask")],
    keep: async (rules) => void kept.push(...rules),
    async ask(_proposal, rules, _step, problem) {
      offered.push(rules);
      problems.push(problem);
      return answers.shift() ?? { kind: "stop" };
    },
  });
  assert.equal((await approve(readFile({ file: "notes/a" }), context)).kind, "run");
  assert.equal((await approve(readFile({ file: "notes/b" }), context)).kind, "run");
  await assert.rejects(approve(readFile({ file: "c" }), context), RunError);
  assert.deepEqual(kept, [rule("read_file", "always", "notes/*")]);
  assert.deepEqual(offered.slice(0, 2), Array(2).fill([rule("read_file", "always", "notes/a")]));
  assert.match(problems[1] ?? "", /does not fit/);
});

for (const [what, name, args, review, expected] of [
  [
    "each command of a shell line",
    "execute_shell",
    { command_line: "ls | sort" },
    { subjects: ["ls", "sort"] },
    ["ls", "sort"],
  ],
  [
    "a line with what a pattern takes for any text, literally",
    "execute_shell",
    { command_line: "rm *.t?t" },
    { subjects: ["rm *.t?t"] },
    ["rm [*].t[?]t"],
  ],
  ["no line that cannot be told", "execute_shell", { command_line: "$x" }, { subjects: null }, null],
  [
    "nothing that is not confined",
    "execute_shell",
    { command_line: "ls" },
    { subjects: ["ls"], unconfined: true },
    null,
  ],
  [
    "a host of an address",
    "browse_website",
    { url: "https://a.example/b?c" },
    { subjects: ["https://a.example/b?c"] },
    ["https://a.example/*"],
  ],
  [
    "an address with a name before its host alone",
    "browse_website",
    { url: "https://a@b.example/" },
    {},
    ["https://a@b.example/"],
  ],
  ["a host with a star in it literally", "browse_website", { url: "http://*/x" }, {}, ["http://[*]/*"]],
  ["an address without a path alone", "browse_website", { url: "https://a.example" }, {}, ["https://a.example"]],
  ["an address with such signs literally", "browse_website", { url: "https://a@b/?c" }, {}, ["https://a@b/[?]c"]],
  ["the whole command where it has neither", "google", { input: "x" }, { subjects: ["x"] }, [null]],
] as const) {
  test(`the rule that is offered allows ${what}`, () => {
    const one = { ...named(name), call: { name, args } };
    const rules = proposedRules({ command: one, review: review as Review });
    assert.deepEqual(rules && rules.map(({ pattern }) => pattern), expected);
  });
}

test("a rule may name an effect; what forbids or asks for writing does so for replacing and deleting, what allows it does not", () => {
  const about = (decision: Decision, name: string) => [rule(name, decision)];
  const on = (rules: ApprovalRule[], effect: "writes" | "replaces" | "reads") =>
    decide(rules, "write_to_file", { subjects: ["a"] }, effect);
  assert.equal(on(about("ask", "replaces"), "replaces"), "ask");
  assert.equal(on(about("ask", "replaces"), "writes"), null);
  assert.equal(on(about("never", "writes"), "replaces"), "never");
  assert.equal(on(about("always", "writes"), "replaces"), null);
  assert.equal(on(about("always", "writes"), "writes"), "always");
  assert.equal(on(about("never", "writes"), "reads"), null);
});
