import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { eventsOfType } from "../support/program.js";
import { reply } from "../support/services/fake-open-ai.js";
import { acpWorld, sessionToldInThought, textsOf, type AcpWorld } from "./acp-world.js";

const done = reply("task_complete", { reason: "done" });
const write = (file: string, text = "x"): string => reply("write_to_file", { file, text });
const runsIn = ({ folder }: AcpWorld): Promise<string[]> => readdir(join(folder, ".autogpt", "runs"));
/** What the AI was told in a request, its last messages. */
const told = ({ server }: AcpWorld, request: number): string =>
  (server.chatRequests()[request]?.body?.messages ?? []).map(({ content }) => content).join("\n");

test("a refusal and feedback are told to the AI, and a rule lets the next command of its kind run unasked", async (t) => {
  const world = await acpWorld(t, [write("a.txt"), write("b.txt"), write("c.txt"), write("c.txt", "y"), done]);
  const editor = await world.editor({
    answer: ({ toolCall: { title } }) =>
      title === "write_to_file: b.txt"
        ? null
        : title === "write_to_file: a.txt"
          ? "deny"
          : /c\.txt/.test(title ?? "")
            ? "always"
            : "yes",
  });
  const session = await editor.open();
  const ended = editor.prompt(session, "Write");
  await editor.sees(() => editor.permissions.length === 2);
  const second = editor.prompt(session, "b is taken, use c");
  assert.deepEqual(await Promise.all([ended, second]), [{ stopReason: "end_turn" }, { stopReason: "end_turn" }]);
  assert.match(told(world, 1), /the user does not allow this/);
  assert.match(told(world, 2), /Human feedback: b is taken, use c/);
  assert.deepEqual(
    editor.permissions.map(({ toolCall }) => toolCall.title),
    ["write_to_file: a.txt", "write_to_file: b.txt", "write_to_file: c.txt", "task_complete: done"],
  );
  assert.equal(await readFile(join(world.folder, "c.txt"), "utf8"), "y");
  await assert.rejects(readFile(join(world.folder, "b.txt")));
  assert.deepEqual(eventsOfType(await world.journal(), "rule-added")[0]?.rule, {
    ...{ command: "write_to_file", pattern: "c.txt", decision: "always" },
  });
  assert.equal((await runsIn(world)).length, 1);
});

test("a prompt while the AI thinks is told to it before its next step, and starts no second run", async (t) => {
  let answer: (text: string) => void = () => undefined;
  const world = await acpWorld(t, (_request, index) =>
    index === 0 ? new Promise<string>((resolve) => (answer = resolve)) : done,
  );
  const editor = await world.editor();
  const session = await editor.open();
  const first = editor.prompt(session, "Do it");
  await world.server.arrived(1);
  const second = editor.prompt(session, "In French, please");
  // Whatever is sent behind it is looked at behind it.
  await editor.agent.request("session/list", {});
  answer(reply("do_nothing"));
  assert.deepEqual(await Promise.all([first, second]), [{ stopReason: "end_turn" }, { stopReason: "end_turn" }]);
  assert.match(told(world, 1), /Human feedback: In French, please/);
  assert.equal((await runsIn(world)).length, 1);
});

test("what is said too late for the run to hear it sets the next one going", async (t) => {
  const text = "And now in green";
  const options = { answer: () => "yes" };
  const {
    world,
    editor,
    session,
    told: second,
  } = await sessionToldInThought(t, { text, replyAt: () => done, options });
  assert.deepEqual(await editor.prompt(session, "Paint it"), { stopReason: "end_turn" });
  assert.deepEqual(await second(), { stopReason: "end_turn" });
  assert.match(told(world, 1), /And now in green/);
  const [start] = eventsOfType(await world.journal(), "run-start");
  assert.equal(start?.session?.id, session);
  assert.equal(start?.forkedFrom?.step, 1);
});

test("cancelling answers the prompt with cancelled, at a question and in thought, and the next prompt goes on", async (t) => {
  const world = await acpWorld(t, async (_request, index) => {
    if (index === 1) await new Promise(() => undefined);
    return index === 0 ? write("a.txt") : done;
  });
  let answer: string | null = null;
  const editor = await world.editor({ answer: () => answer });
  const session = await editor.open();
  const first = editor.prompt(session, "Write");
  await editor.sees(() => editor.permissions.length === 1);
  await editor.cancel(session);
  assert.deepEqual(await first, { stopReason: "cancelled" });
  assert.equal(eventsOfType(await world.journal(), "run-end").at(-1)?.reason, "interrupted");

  // A yes is to what was seen, so it is asked about again.
  answer = "yes";
  const second = editor.prompt(session, "yes");
  await world.server.arrived(2);
  await editor.cancel(session);
  assert.deepEqual(await second, { stopReason: "cancelled" });
  assert.equal(await readFile(join(world.folder, "a.txt"), "utf8"), "x");

  assert.deepEqual(await editor.prompt(session, "Go on, and be quick"), { stopReason: "end_turn" });
  assert.match(told(world, 2), /Human feedback: Go on, and be quick/);
  assert.equal((await runsIn(world)).length, 1);
  await editor.cancel(session);
  await editor.cancel("no-session");
});

test("a prompt that is taken back with $/cancel_request stops as well", async (t) => {
  const world = await acpWorld(t, [write("a.txt")]);
  const editor = await world.editor({ answer: () => null });
  const session = await editor.open();
  const taken = new AbortController();
  const prompt = editor.agent.request(
    "session/prompt",
    { sessionId: session, prompt: [{ type: "text", text: "Write" }] },
    { cancellationSignal: taken.signal },
  );
  await editor.sees(() => editor.permissions.length === 1);
  taken.abort();
  assert.deepEqual(await prompt, { stopReason: "cancelled" });
});

test("an editor without requests for permission parks the run at its question", async (t) => {
  const world = await acpWorld(t, [write("a.txt"), done]);
  const editor = await world.editor({ cannotAsk: true });
  const session = await editor.open();
  assert.deepEqual(await editor.prompt(session, "Write"), { stopReason: "end_turn" });
  assert.equal(eventsOfType(await world.journal(), "command-parked").length, 1);
  assert.match(editor.text("agent_message_chunk"), /takes your yes/);
});

test("continuous mode is chosen with a warning, asks nothing, keeps the limit, and can be left", async (t) => {
  const world = await acpWorld(t, [write("a.txt"), write("b.txt"), write("c.txt"), write("d.txt"), done]);
  const editor = await world.editor({ flags: { continuousLimit: 2 } });
  const session = await editor.open();
  await editor.agent.request("session/set_mode", { sessionId: session, modeId: "continuous" });
  assert.match(editor.text("agent_message_chunk"), /WARNING: Continuous mode runs every command without asking/);
  assert.deepEqual(await editor.prompt(session, "Write"), { stopReason: "max_turn_requests" });
  assert.equal(editor.permissions.length, 0);
  assert.deepEqual(textsOf(editor, "diff"), [join(world.folder, "a.txt"), join(world.folder, "b.txt")]);

  // The limit is the run's: the next prompt is a run of its own that knows what happened.
  await editor.agent.request("session/set_mode", { sessionId: session, modeId: "ask" });
  assert.deepEqual(await editor.prompt(session, "One more"), { stopReason: "max_turn_requests" });
  // What the person said is a step, too.
  assert.equal(editor.permissions.length, 1);
  assert.match(told(world, 2), /a\.txt[^]*Human feedback: One more/);
  await assert.rejects(
    editor.agent.request("session/set_mode", { sessionId: session, modeId: "root" }),
    /no mode "root", but ask, continuous/,
  );
});
