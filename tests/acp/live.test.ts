import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { test, type TestContext } from "node:test";
import type { SessionUpdate } from "@agentclientprotocol/sdk";
import { createLiveThoughts } from "../../src/acp/shown/live-thoughts.js";
import { createMask } from "../../src/base/mask.js";
import type { Thoughts } from "../../src/history/event-parts.js";
import { eventsOfType } from "../support/program.js";
import { listenLocally } from "../support/services/local-server.js";
import { reply } from "../support/services/fake-open-ai.js";
import { acpWorld } from "./acp-world.js";

const thoughts = (more: Partial<Thoughts>): Thoughts => ({
  ...{ text: "", reasoning: "", plan: "", criticism: "", speak: "" },
  ...more,
});
const textOf = (updates: readonly SessionUpdate[]): string =>
  updates.map((one) => ("content" in one && one.content && "text" in one.content ? one.content.text : "")).join("");

type Say = (text: string, field?: "content" | "reasoning_content") => void;

/** A server whose answers are written by hand, a piece of the reply each time. */
async function streaming(
  t: TestContext,
  answer: (say: Say, index: number, response: ServerResponse) => Promise<string>,
) {
  let asked = 0;
  const server = createServer((request, response) => {
    const event = (delta: object, finish: string | null = null): void =>
      void response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`);
    request.resume().on("end", () => {
      if (request.method !== "POST") return void response.writeHead(404).end();
      response.writeHead(200, { "content-type": "text/event-stream" });
      void answer((text, field = "content") => event({ [field]: text }), asked++, response).then((finish) => {
        event({}, finish);
        response.end("data: [DONE]\n\n");
      });
    });
  });
  const port = await listenLocally(server);
  t.after(() => (server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${port}/v1`;
}

test("thoughts are told while the model thinks; what is said, and a reply that breaks off, stand for nothing before it is whole", async (t) => {
  const world = await acpWorld(t, []);
  const whole = reply("task_complete", { reason: "Done." }, { text: "I look at it again.", speak: "I am done." });
  const seen: string[] = [];
  const url = await streaming(t, async (say, index) => {
    if (index === 0) {
      say('{"thoughts": {"text": "I look at it closely", "speak": "I have dele');
      await editor.sees(() => editor.text("agent_thought_chunk").includes("I look at it"));
      seen.push(editor.text("agent_thought_chunk"));
      return "length";
    }
    const middle = whole.indexOf(" again");
    say(whole.slice(0, middle + 1));
    await editor.sees(() => editor.text("agent_thought_chunk").split("I look at it").length === 3);
    seen.push(editor.text("agent_message_chunk"));
    say(whole.slice(middle + 1));
    return "stop";
  });
  const editor = await world.editor({ env: { OPENAI_API_BASE_URL: url } });
  assert.deepEqual(await editor.prompt(await editor.open(), "Look"), { stopReason: "end_turn" });
  assert.deepEqual(seen, ["I look at it closely", ""]);
  assert.equal(
    editor.text("agent_thought_chunk"),
    "I look at it closely\n\n(The reply broke off here. Nothing of it counts.)\n\nI look at it again.\n\n",
  );
  assert.match(editor.text("agent_message_chunk"), /^I am done\.\n\n/);
  const ids = editor.updates.flatMap((one) => (one.sessionUpdate === "agent_thought_chunk" ? [one.messageId] : []));
  assert.equal(new Set(ids).size, 2, "each reply is a message of its own");
  assert.equal(eventsOfType(await world.journal(), "step-end").length, 1);
});

test("what a model thinks before its reply is told while it comes, and is no part of the reply", async (t) => {
  const world = await acpWorld(t, []);
  const thinking = (): string => editor.text("agent_thought_chunk");
  const url = await streaming(t, async (say) => {
    for (const piece of ["The us", "er wants ", "a thing."]) say(piece, "reasoning_content");
    await editor.sees(() => thinking().includes("wants"));
    say("", "content");
    say(reply("task_complete", { reason: "Done." }, { text: "I do it.", speak: "" }));
    return "stop";
  });
  const editor = await world.editor({ env: { OPENAI_API_BASE_URL: url } });
  assert.deepEqual(await editor.prompt(await editor.open(), "Look"), { stopReason: "end_turn" });
  assert.equal(thinking(), "The user wants a thing.\n\nI do it.\n\n");
  assert.equal(JSON.stringify(await world.journal()).includes("The user wants"), false);
});

test("of a reply that is stopped while it comes, the person is told that it counts for nothing", async (t) => {
  const world = await acpWorld(t, []);
  const url = await streaming(t, async (say, _index, response) => {
    say('{"thoughts": {"text": "I begin to');
    await once(response, "close");
    return "stop";
  });
  const editor = await world.editor({ env: { OPENAI_API_BASE_URL: url } });
  const session = await editor.open();
  const prompt = editor.prompt(session, "Look");
  await editor.sees(() => editor.text("agent_thought_chunk").includes("I begin"));
  await editor.cancel(session);
  assert.deepEqual(await prompt, { stopReason: "cancelled" });
  assert.equal(editor.text("agent_thought_chunk"), "I begin\n\n(The reply broke off here. Nothing of it counts.)\n\n");
});

test("piece by piece, no secret is told, no picture is loaded, and what is read otherwise in the end is told as it counts", () => {
  const live = createLiveThoughts(createMask(["sk-one two three"]));
  const text = "My key is sk-one two three, see ![a cat](https://example.org/x) and <img src=y> here";
  const source = reply("do_nothing", {}, { text, reasoning: "Since\n\nit is so", criticism: "none" });
  const told = [...source].flatMap((letter) => live.hear(letter));
  const safe = "My key is [secret], see !\\[a cat](https://example.org/x) and &lt;img src=y> here";
  const all = `${safe}\n\nSince\n\nit is so\n\nnone`;
  assert.equal(textOf(told), all);
  const masked = text.replace("sk-one two three", "[secret]");
  assert.equal(
    textOf(live.finish(thoughts({ text: masked, reasoning: "Since\n\nit is so", criticism: "none" }))),
    "\n\n",
  );

  const thought = [...text].flatMap((letter) => live.think(letter));
  assert.equal(textOf([...thought, ...live.hear('{"thoughts": {"text": "So"')]), `${safe}\n\nSo`);
  assert.equal(textOf(live.finish(thoughts({ text: "So" }))), "\n\n");
  const chinese = [..."先看文件，再改"].flatMap((letter) => live.think(letter));
  assert.deepEqual([textOf(chinese), textOf(live.finish(thoughts({})))], ["先看文件", "，再改\n\n"]);
  const asThinking = [...source].flatMap((letter) => live.think(letter));
  assert.equal(
    textOf([...asThinking, ...live.finish(thoughts({ text: masked }))]),
    `${masked}\n\n`.replace("![", "!\\[").replace("<img", "&lt;img"),
    "a reply that comes as thinking",
  );

  const aloud = [..."<think>\nThe user <b>wants</b> it.</think>\n\n", ...reply("do_nothing", {}, { text: "So" })];
  assert.equal(textOf(aloud.flatMap((letter) => live.hear(letter))), "The user <b>wants</b> it.\n\nSo");
  assert.equal(textOf(live.finish(thoughts({ text: "So" }))), "\n\n");
  assert.equal(textOf([..."<thin>k"].flatMap((letter) => live.hear(letter))), "", "another mark begins no thinking");
  assert.deepEqual(live.hear(null), []);

  live.hear('{"thoughts": {"text": "This was an example "');
  assert.equal(textOf(live.finish(thoughts({ text: "This is the reply" }))), "\n\nThis is the reply\n\n");
  assert.deepEqual(live.hear(null), [], "nothing is open then");
  live.hear('{"thoughts": {"text": "Half of ');
  assert.match(textOf(live.hear(null)), /broke off/);
  live.hear('{"thoughts": {"text": "Half of ');
  assert.equal(textOf(live.finish(thoughts({}))), "\n\n", "its problem is told behind it");
});

test("an editor that closes only our output is noticed in a run that has nothing to say", async (t) => {
  const world = await acpWorld(t, [reply("write_to_file", { file: "a", text: "b" })]);
  let silence: (() => void) | undefined;
  let closed = false;
  const editor = await world.editor({
    answer: () => null,
    readsNoMore: () => closed,
    timer: (call) => {
      silence = call;
      return () => undefined;
    },
  });
  const lost = editor.prompt(await editor.open(), "Write").catch(() => null);
  await editor.sees(() => editor.permissions.length === 1);
  silence?.();
  await editor.sees(() => editor.updates.at(-1)?.sessionUpdate === "session_info_update");
  closed = true;
  silence?.();
  assert.equal(await editor.exit, 75);
  await lost;
  assert.equal(eventsOfType(await world.journal(), "command-parked").length, 1);
});
