import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { codeBlock, codeCell, codeSpan } from "../../../src/console/report/inert.js";
import { scriptedWorld } from "../../end-to-end/support/scripted-world.js";
import { lastJournal } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";

const hostile =
  "`a` ``b`` [x](http://evil.example) <img src=x onerror=alert(1)> | ![y](z) @you #1 $$x$$\n# heading\u202e";

/** What CommonMark makes of a code span that takes up all of a line: its text; null where it is none. */
function spanText(line: string): string | null {
  const [, fence = "", inner = ""] = /^(`+)(?!`)([^]*?)(?<!`)\1(?!`)$/.exec(line) ?? [];
  if (fence === "") return null;
  return /^ .* $/.test(inner) && inner.trim() !== "" ? inner.slice(1, -1) : inner;
}

test("a text within a line is one piece of code, whatever is in it, and stays on its line", () => {
  for (const text of [hostile, "`", "``", " a ", "a`", "`````x``", "", "\n", "|", "\u0007bell", "x".repeat(5_000)]) {
    const span = codeSpan(text);
    assert.doesNotMatch(span, /[\n\u202e\u0007]/);
    if (text.trim() === "") assert.equal(span, text === "\n" ? "`\\n`" : "(nothing)");
    else assert.ok(spanText(span) !== null, span);
  }
  assert.equal(spanText(codeSpan("`a` b")), "`a` b");
  assert.ok(codeSpan("x".repeat(5_000)).length < 1_000);
  assert.equal(codeCell("a|b"), "`a\\|b`");
});

test("a block of code ends where it should, whatever fences are in it", () => {
  for (const text of [hostile, "```\n# out\n```", "````` x\n`````", "a\n\n\n"]) {
    const lines = codeBlock(text).split("\n");
    const fence = /^`+/.exec(lines[0] ?? "")?.[0] ?? "";
    assert.equal(lines.at(-1), fence);
    assert.ok(
      lines.slice(1, -1).every((line) => !new RegExp(`^ {0,3}\`{${fence.length},}`).test(line)),
      text,
    );
  }
});

test("the report of a run tells goals, answer, files with lines, refusals, cost, steps and what to type; what the model said is inert and without secrets", async (t) => {
  const secret = "made-up-key-0123456789";
  const chat = [
    reply("write_to_file", { file: "a.md", text: "one\ntwo\n" }),
    reply("edit_file", { file: "a.md", find: "two", replace: "2\n3" }),
    reply("delete_file", { file: hostile }),
    reply("write_to_file", { file: "b.md", text: "b" }),
    reply("task_complete", { reason: `${hostile} ${secret}` }),
  ];
  const goals = [
    { goal: "Write a.md", checks: [{ file_exists: "a.md" }, { file_lacks: { file: "a.md", pattern: "x; y" } }] },
    hostile,
  ];
  const world = await scriptedWorld(t, chat, {
    ai: { goals, more: "approve:\n  delete_file: never\n" },
    env: { OPENAI_API_KEY: secret },
  });
  const { stdout, stderr, code } = await world.run(["-c"]);
  assert.equal(code, 0, stderr);
  const report = await readFile(join(dirname(await lastJournal(world.folder)), "report.md"), "utf8");
  for (const expected of [
    "# Run `",
    "- **proven**: `Write a.md`\n  - `file_exists",
    "  - `file_lacks a.md /x; y/: ",
    "- **claimed**: ```",
    "## Answer\n\n```",
    "- created `a.md` (+3 lines)\n- created `b.md` (+1 line)",
    "## Refused\n\n- step 3, `delete_file`: `the user's rules do not allow this.",
    "| think | `gpt-6.1-terra` | 5 |",
    "| in all |",
    "- 1: `write_to_file a.md`, ok",
    "[secret]",
  ])
    assert.ok(report.includes(expected), `${expected}\n--- is not in\n${report}`);
  assert.ok(!report.includes(secret));
  // Outside of code nothing is left that a viewer would follow, load or run.
  const plain = report.replace(/^(`{3,})text\n[^]*?\n\1$/gm, "").replace(/(?<!`)(`+)(?!`)[^]*?(?<!`)\1(?!`)/g, "");
  assert.doesNotMatch(plain, /https?:|<|\]\(|!\[|@|\u202e/);

  assert.match(stdout, /Changed: a\.md \(created, \+3 lines\), b\.md \(created, \+1 line\)\n/);
  assert.match(stdout, /Refused: delete_file \(step 3\)\nReport: \S+report\.md\nNext: autogpt diff /);
  const shown = await world.run(["runs", "show", "--markdown"]);
  assert.equal(shown.stdout, report);
});
