import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test, type TestContext } from "node:test";
import { FailedRequest } from "../../../src/model/http/errors.js";
import { parseReply } from "../../../src/reply/parse.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { long } from "../../support/program.js";
import { ask, chatOn, runOn } from "../compose.js";
import { listenLocally } from "../../support/services/local-server.js";

const args = { file: "a.txt", text: 'all of it: "quoted", {braces}, Zürich, 你好 🙂\n\ttab' };
const whole = reply("write_to_file", args, { text: "I write it all down." });

const event = (body: object): string => `data: ${JSON.stringify(body)}\n\n`;
const piece = (delta: object, finish: string | null = null): string =>
  event({ choices: [{ index: 0, delta, finish_reason: finish }] });
const usage = event({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 20 } });
const done = "data: [DONE]\n\n";

const asText = [
  ": comment\n\n",
  ...(whole.match(/[^]{1,11}/gu) ?? []).map((content) => piece({ content })),
  piece({}, "stop"),
  usage,
  done,
];
const asToolCall = [
  piece({
    role: "assistant",
    content: null,
    tool_calls: [{ index: 0, id: "1", function: { name: "write_to_file", arguments: "" } }],
  }),
  ...(JSON.stringify(args).match(/[^]{1,11}/gu) ?? []).map((text) =>
    piece({ tool_calls: [{ index: 0, function: { arguments: text } }] }),
  ),
  piece({}, "tool_calls"),
  usage,
  done,
];
const streams = { "a text": Buffer.from(asText.join("")), "a tool call": Buffer.from(asToolCall.join("")) };

type End = "broken" | "clean";

/** A server that sends the first bytes of a stream and then breaks the connection, or ends it as if all was well. */
async function cutting(t: TestContext) {
  const state = { bytes: Buffer.alloc(0), at: Infinity, end: "broken" as End };
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    const part = state.bytes.subarray(0, state.at);
    const isWhole = state.at >= state.bytes.length;
    state.at = Infinity;
    if (isWhole || state.end === "clean") response.end(part);
    else response.write(part, () => response.socket?.destroySoon());
  });
  const port = await listenLocally(server);
  t.after(() => (server.closeAllConnections(), server.close()));
  return { state, url: `http://127.0.0.1:${port}/v1` };
}

for (const [what, bytes] of Object.entries(streams)) {
  for (const end of ["broken", "clean"] as const) {
    test(`${what} whose stream is cut at any byte (${end}) is whole or a failure, never half`, async (t) => {
      const { state, url } = await cutting(t);
      const model = chatOn(url);
      let [failures, answers] = [0, 0];
      for (let at = 0; at < bytes.length; at += long ? 1 : 23) {
        Object.assign(state, { bytes, at, end });
        try {
          const { text } = await model.send(ask());
          answers += 1;
          assert.deepEqual(parseReply(text).command, { name: "write_to_file", args }, `cut at ${at}`);
        } catch (thrown) {
          if (!(thrown instanceof FailedRequest)) throw thrown;
          failures += 1;
          assert.equal(thrown.kind, "no-connection", `cut at ${at}: ${thrown.message}`);
          assert.equal(thrown.billed, "reservation");
        }
      }
      t.diagnostic(`${failures} cuts were failures, ${answers} came behind the end of the answer`);
      assert.ok(failures > answers);
    });
  }
  test(`${what} that was cut is asked for again, and both requests count`, async (t) => {
    const { state, url } = await cutting(t);
    for (const at of [1, Math.floor(bytes.length / 2), bytes.indexOf('"finish_reason":"')]) {
      Object.assign(state, { bytes, at, end: "broken" });
      const run = runOn(url);
      const { text } = await run.chat.send(ask());
      assert.deepEqual(parseReply(text).command, { name: "write_to_file", args });
      assert.deepEqual(run.types(), ["model-requested", "model-retry", "model-requested", "model-replied"]);
      assert.ok(run.governor.totals().completionTokens > 4000, "the cut answer counts with all that it may have had");
    }
  });
}

test("text is heard as it comes, and from the beginning when it is asked for again", async (t) => {
  const { state, url } = await cutting(t);
  Object.assign(state, { bytes: streams["a text"], at: 700, end: "broken" });
  const heard: string[] = [];
  await runOn(url).chat.send(
    ask("x", { onText: (text) => (text === null ? heard.push("") : (heard[heard.length - 1] += text)) }),
  );
  assert.equal(heard.length, 2);
  assert.equal(heard[1], whole);
  assert.ok(heard[0] !== "" && whole.startsWith(heard[0] as string));
});
