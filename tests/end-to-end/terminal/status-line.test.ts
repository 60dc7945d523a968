import assert from "node:assert/strict";
import { test } from "node:test";
import { reply } from "../../support/services/fake-open-ai.js";
import { bin } from "../../support/program.js";
import { onTerminal } from "../support/pseudo-terminal.js";
import { scriptedWorld } from "../support/scripted-world.js";

const status = /^step \d+ · /;

for (const columns of [60, 80, 120]) {
  test(`on a terminal of ${columns} columns one sees what goes on, and nothing of that is left behind`, async (t) => {
    let answer = (): void => undefined;
    const waits = new Promise<void>((resolve) => (answer = resolve));
    let requests = 0;
    const world = await scriptedWorld(t, async () => {
      requests += 1;
      if (requests === 1) {
        await waits;
        return reply(
          "write_to_file",
          { file: "a.txt", text: "word\n".repeat(900) },
          { text: "I write. ".repeat(30), plan: "- one" },
        );
      }
      if (requests === 2) return reply("read_file", { file: "a.txt" }, { text: "I read.", plan: "- one" });
      return requests === 3 ? "Sure!" : reply("task_complete", { reason: "Done." }, { text: "T", plan: "- one" });
    });
    const { screen, shows, ended } = onTerminal(
      world.start,
      [process.execPath, bin, "-y", "-c", "-l", "9"],
      { columns, rows: 24 },
      { SMART_LLM_MODEL: "unknown-model" },
    );
    await shows(({ lines }) => /^step 1 of 9 · thinking [1-9]\d* s/.test(lines().at(-1) ?? ""));
    answer();
    assert.equal(await ended, 0);
    const lines = screen.lines();
    assert.deepEqual(
      lines.filter((line) => status.test(line)),
      [],
      lines.join("\n"),
    );
    assert.equal(lines.filter((line) => line.startsWith("PLAN:")).length, 1);
    assert.deepEqual(
      lines.filter((line) => line.startsWith("── step")).map((line) => line.split(" ")[2]),
      ["1", "2", "3", "4"],
    );
    assert.ok(
      lines.some((line) => /… \d+ more lines, \d+ characters/.test(line)),
      lines.join("\n"),
    );
    assert.equal(lines.filter((line) => line.startsWith("It begins: Sure!")).length, 1);
    const action = lines.findIndex((line) => line.startsWith("NEXT ACTION: COMMAND = write_to_file"));
    const shown = lines.slice(action, action + 9).join(" ");
    assert.match(shown, /… \(4500[ |]+characters\)"\}[ |]+\(writes\)/, "long arguments are cut, with their effect");
    assert.match(lines.join(" ").replace(/ +(?:\| )?/g, " "), /The task is complete\. 4 steps, .* price not known/);
    assert.ok(lines.every((line) => line.length < columns));
  });
}

test("--plain and TERM=dumb print whole lines, without a movement of the cursor", async (t) => {
  const world = await scriptedWorld(t, () =>
    reply("task_complete", { reason: "Done." }, { text: "A\nB", plan: "- one" }),
  );
  for (const [args, TERM] of [
    [["--plain"], "xterm-256color"],
    [[], "dumb"],
  ] as const) {
    const { running, ended } = onTerminal(
      world.start,
      [process.execPath, bin, "-y", "-c", ...args],
      { columns: 60, rows: 24 },
      { TERM },
    );
    assert.equal(await ended, 0);
    const { stdout } = await running.ended;
    assert.doesNotMatch(stdout.replace(/\u001b\[[\d;]*m/g, ""), /\u001b|\r(?!\n)|[─|]/);
    assert.match(stdout, /Step 1\r\n/);
  }
});
