import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { bin, eventsOfType } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { onTerminal, type OnTerminal } from "../support/pseudo-terminal.js";
import { newestResult, scriptedWorld, type World } from "../support/scripted-world.js";

const program = [process.execPath, bin, "-y"];
const done = reply("task_complete", { reason: "Done." });
/** What is on the screen as one line, without the bars before lines that go on. */
const flat = (terminal: OnTerminal): string => seen(terminal).replace(/\s*\n(?:\| )?\s*/g, " ");
const seen = ({ screen }: OnTerminal): string => screen.visible().join("\n");
/** Whether the last line on the screen is such a one. */
const endsWith = (line: RegExp) => (screen: OnTerminal["screen"]) =>
  line.test(
    screen
      .visible()
      .filter((one) => one !== "")
      .at(-1)
      ?.trimEnd() ?? "",
  );
const asks = endsWith(/^Input:$/);
const atShell = endsWith(/^bash.*[#$]$/);

/** Waits until the model server has got this many requests. */
async function requested({ server }: World, count: number): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (server.chatRequests().length < count) {
    assert.ok(Date.now() < deadline, `${server.chatRequests().length} of ${count} requests came`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

for (const columns of [60, 80, 120]) {
  test(`at ${columns} columns the question shows what is replaced and with what, on one screen, and v shows all of it`, async (t) => {
    const text = Array.from({ length: 80 }, (_, index) => `def f${index}(x): return "${index}"\n`).join("");
    const world = await scriptedWorld(t, [reply("write_to_file", { file: "a.py", text }), done]);
    await mkdir(join(world.folder, "workspace"));
    await writeFile(join(world.folder, "workspace", "a.py"), "my precious user notes 12345\n");
    const terminal = onTerminal(world.start, program, { columns, rows: 24 });
    await terminal.shows(asks);
    for (const part of [
      /NEXT ACTION: COMMAND = write_to_file/,
      /\(replaces\)/,
      /a\.py: replaces 29 bytes/,
      /- my precious user notes/,
      /\+ def f0\(x\): return "0"/,
      /more lines/,
      /v \(view all\)/,
    ])
      assert.match(seen(terminal), part);
    assert.equal(terminal.screen.look("- my precious").colour, "131", "red");
    assert.equal(terminal.screen.look("+ def f0").colour, "29", "green");
    await terminal.type("v\r");
    await terminal.shows(
      (screen) => asks(screen) && screen.lines().some((line) => line.includes('+ def f79(x): return "79"')),
    );
    await terminal.type("?\r");
    await terminal.shows((screen) => asks(screen) && /e +edit its arguments/.test(screen.visible().join("\n")));
    await terminal.type("abc\u0003");
    await terminal.shows(
      (screen) => asks(screen) && screen.visible().some((line) => line.includes("Ctrl-C again ends the run")),
    );
    await terminal.type("quit\r");
    assert.equal(await terminal.ended, 4);
    assert.deepEqual(eventsOfType(await world.journal(), "command-start"), []);
    // That it was stopped, and how to go on, is said once.
    assert.match(flat(terminal), /You stopped the run\. [^]*Next: \S+ \S+ --resume \w{4}\s*$/);
    assert.doesNotMatch(flat(terminal), /Stopped by the user|goes on from here/);
  });
}

test("Esc stops a request, and what is said then is in the next; Ctrl-C stops a command, and a second one ends the run", async (t) => {
  const widths = [60, 80, 120];
  const world = await scriptedWorld(t, [reply("start_agent", { name: "a", task: "b", prompt: "c" })], {
    faults: { 0: "hang", 1: "hang", 2: "hang", 4: "hang" },
  });
  const terminal = onTerminal(world.start, [...program, "-c"], { columns: 60, rows: 24 });
  for (const [index, columns] of widths.entries()) {
    terminal.resize({ columns, rows: 24 });
    await requested(world, index + 1);
    await terminal.type("\u001b");
    // Made wider, the screen may show the question of before once more.
    const stopped = (screen: OnTerminal["screen"]): number =>
      screen.lines().filter((line) => line.includes("Stopped. Say")).length;
    await terminal.shows((screen) => asks(screen) && stopped(screen) > index);
    assert.match(flat(terminal), /Stopped\. Say something to Tester; Enter goes on, n ends the run\./);
    await terminal.type(`Ask somebody, ${columns}.\r`);
    // Until then the next Esc would meet this question.
    await terminal.shows((screen) => !asks(screen));
  }
  await requested(world, 5);
  for (const [index, columns] of widths.entries())
    assert.equal(newestResult(world.messages(index + 1)), `Human feedback: Ask somebody, ${columns}.`);
  await terminal.type("\u0003");
  await terminal.shows(asks);
  await terminal.type("\u0003");
  assert.equal(await terminal.ended, 130);
  const journal = await world.journal();
  assert.deepEqual(
    eventsOfType(journal, "step-end").map(({ outcome }) => outcome),
    ["feedback", "feedback", "feedback", "unfinished"],
  );
  assert.deepEqual(
    eventsOfType(journal, "run-end").map(({ reason }) => reason),
    ["interrupted"],
  );
});

test("Ctrl-Z and fg draw the question again at any width, at the question and while the model is asked, and the end says how it ended", async (t) => {
  const world = await scriptedWorld(t, [reply("do_nothing"), done], { faults: { 1: "hang" } });
  const shell = ["bash", "--noprofile", "--norc", "--noediting", "-i"];
  const terminal = onTerminal(world.start, shell, { columns: 80, rows: 24 }, { BIN: bin });
  await terminal.shows(atShell);
  await terminal.type(`"${process.execPath}" "$BIN" -y\r`);
  await terminal.shows(asks);
  for (const columns of [60, 80, 120]) {
    terminal.resize({ columns, rows: 24 });
    await terminal.type("\u001a");
    await terminal.shows(atShell);
    await terminal.type("fg\r");
    await terminal.shows(asks);
  }
  await terminal.type("y\r");
  await requested(world, 2);
  await terminal.type("\u001a");
  await terminal.shows(atShell);
  await terminal.type("fg\r");
  await terminal.shows((screen) => screen.visible().join("\n").split("fg").length > 2);
  // Keys are heard again once the program goes on.
  const stop = setInterval(() => void terminal.type("\u001b"), 200);
  await terminal.shows(asks);
  clearInterval(stop);
  await terminal.type("n\r");
  await terminal.shows(atShell);
  await terminal.type("echo code $?\r");
  await terminal.shows((screen) => screen.visible().some((line) => line.startsWith("code ")));
  assert.match(seen(terminal), /^code 4$/m);
  await terminal.type("exit\r");
  await terminal.ended;
  assert.deepEqual(
    eventsOfType(await world.journal(), "command-start").map(({ step }) => step),
    [1],
  );
});
