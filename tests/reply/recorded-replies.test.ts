import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { parseReply } from "../../src/reply/parse.js";
import { recordedReplies, replyExamples, type RecordedReply, type ReplyExample } from "./seed-replies.js";

const examples = new Map<string, ReplyExample[]>();
for (const example of replyExamples) {
  const shape = [...new Set([example.kind, ...example.classes])].join(", ");
  examples.set(shape, [...(examples.get(shape) ?? []), example]);
}

for (const [shape, rows] of examples) {
  test(`a reply of the shape ${shape} gives exactly the command or the problem that belongs to it`, () => {
    for (const { id, reply, expect } of rows) {
      const { command, problem } = parseReply(reply);
      if ("problem" in expect) {
        assert.equal(command, null, id);
        assert.match(problem ?? "", /^[^\n]+$/, id);
        assert.ok(problem?.includes(expect.problem), `${id}: ${problem}`);
      } else {
        assert.deepEqual([command, problem], [{ name: expect.command, args: expect.args }, null], id);
      }
    }
  });
}

test("the examples have every shape that models gave: valid, broken, cut off, in another format, in words alone", () => {
  const kinds = new Set(replyExamples.map(({ kind }) => kind));
  assert.deepEqual([...kinds].sort(), ["malformed", "other-format", "prose", "truncated", "valid"]);
  assert.ok(replyExamples.length > 100);
});

type Outcome = "exact" | "problem" | "wrong";

function outcomeOf({ reply, expect }: RecordedReply): Outcome {
  const { command, problem } = parseReply(reply);
  const expected = expect.command === null ? null : { name: expect.command, args: expect.args };
  if (command === null) assert.match(problem ?? "", /^[^\n]+$/);
  if (isDeepStrictEqual(command, expected)) return "exact";
  return command === null ? "problem" : "wrong";
}

// Replies that real models gave lie beside the repository where somebody has them; the examples stand for them elsewhere.
const recorded = recordedReplies();
if (recorded.length > 0) {
  test("recorded replies give the command a careful reader finds in them, or a problem, never another command", (t) => {
    const tally = new Map<string, Record<Outcome, number>>();
    const countFor = (kind: string) => tally.get(kind) ?? { exact: 0, problem: 0, wrong: 0 };
    const wrong: string[] = [];
    for (const row of recorded) {
      const outcome = outcomeOf(row);
      if (outcome === "wrong") wrong.push(row.id);
      const label = row.classes.join(", ") || "plain";
      for (const kind of [`${row.kind}`, `${row.kind}: ${label}`]) {
        const counts = countFor(kind);
        tally.set(kind, { ...counts, [outcome]: counts[outcome] + 1 });
      }
    }
    t.diagnostic(`${"kind and classes".padEnd(58)} exact problem wrong`);
    for (const [kind, { exact, problem, wrong: others }] of [...tally].sort(([a], [b]) => a.localeCompare(b))) {
      t.diagnostic(
        `${kind.padEnd(58)} ${[exact, problem, others].map((count) => String(count).padStart(5)).join(" ")}`,
      );
    }
    assert.deepEqual(wrong, []);
    assert.ok(countFor("valid").exact > 0, "there are valid replies");
    assert.equal(countFor("valid").problem, 0);
    assert.ok(countFor("malformed").exact >= 0.98 * (countFor("malformed").exact + countFor("malformed").problem));
    assert.equal(countFor("prose").problem, 0);
  });
}
