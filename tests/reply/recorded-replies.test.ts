import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { parseReply } from "../../src/reply/parse.js";
import { recordedReplies, type RecordedReply } from "./seed-replies.js";

type Outcome = "exact" | "problem" | "wrong";

function outcomeOf({ reply, expect }: RecordedReply): Outcome {
  const { command } = parseReply(reply);
  const expected = expect.command === null ? null : { name: expect.command, args: expect.args };
  if (isDeepStrictEqual(command, expected)) return "exact";
  return command === null ? "problem" : "wrong";
}

test("recorded replies give the command a careful reader finds in them, or a problem, never another command", (t) => {
  const rows = recordedReplies(t);
  if (rows === null) return;
  const tally = new Map<string, Record<Outcome, number>>();
  const countFor = (kind: string) => tally.get(kind) ?? { exact: 0, problem: 0, wrong: 0 };
  const wrong: string[] = [];
  for (const row of rows) {
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
    t.diagnostic(`${kind.padEnd(58)} ${[exact, problem, others].map((count) => String(count).padStart(5)).join(" ")}`);
  }
  assert.deepEqual(wrong, []);
  assert.ok(countFor("valid").exact > 0, "there are valid replies");
  assert.equal(countFor("valid").problem, 0);
  assert.ok(countFor("malformed").exact >= 0.98 * (countFor("malformed").exact + countFor("malformed").problem));
  assert.equal(countFor("prose").problem, 0);
});

test("every recorded reply without a command is answered with one line", (t) => {
  const rows = recordedReplies(t)?.filter(({ expect }) => expect.command === null);
  if (rows === undefined) return;
  assert.ok(rows.length > 0);
  for (const { id, reply } of rows) {
    const { command, problem } = parseReply(reply);
    assert.equal(command, null, id);
    assert.match(problem ?? "", /^[^\n]+$/, id);
  }
});
