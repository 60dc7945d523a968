import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { test, type TestContext } from "node:test";
import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import { messageForPerson } from "../../../src/errors.js";
import { readAnswer } from "../../../src/model/http/event-stream.js";
import { hearBody } from "../../../src/model/http/fetch.js";
import { ConnectionFailure } from "../../../src/model/http/errors.js";
import { manualClock, type ManualClock } from "../../support/manual-clock.js";
import { ask, chatOn, failure, runOn } from "../compose.js";
import { listenLocally } from "../../support/services/local-server.js";

const piece = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

/** A server whose answers are written by hand, one function for each request; the last one goes on. */
async function streaming(t: TestContext, ...answers: ((response: ServerResponse) => unknown)[]): Promise<string> {
  let index = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      void answers[Math.min(index++, answers.length - 1)]?.(response);
    });
  });
  const port = await listenLocally(server);
  t.after(() => (server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${port}/v1`;
}

const stream =
  (text: string, type = "text/event-stream") =>
  (response: ServerResponse): void => {
    response.writeHead(200, { "content-type": type });
    response.end(text);
  };
const stalled = (response: ServerResponse): void => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(piece({ content: '{"command": ' }));
};

/** A request during which the longest silence passes as soon as the beginning of its answer was heard. */
const thenSilence = (clock: ManualClock, timeoutMs: number) =>
  ask("x", { onText: (text) => text === '{"command": ' && clock.advance(timeoutMs) });

test("pitfall 29: a stream that stalls is cut after the timeout and repeated, and what it may have cost counts", async (t) => {
  const clock = manualClock();
  const waits = { timeoutMs: 1000, timer: clock.timer };
  const error = await failure(chatOn(await streaming(t, stalled), "gpt-4o", waits).send(thenSilence(clock, 1000)));
  assert.equal(error.kind, "timeout");
  assert.match(messageForPerson(error), /in the middle of its answer, for 1 seconds.*OPENAI_TIMEOUT/);
  const url = await streaming(t, stalled, stream(`${piece({ content: "{}" })}${piece({}, "stop")}data: [DONE]\n\n`));
  const run = runOn(url, waits);
  assert.equal((await run.chat.send(thenSilence(clock, 1000))).text, "{}");
  assert.deepEqual(run.types(), ["model-requested", "model-retry", "model-requested", "model-replied"]);
});

/** Writes pieces of a stream, and lets time pass as soon as one was heard; a wait ends with the connection. */
function slowWriter(response: ServerResponse, clock: ManualClock) {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const closed = once(response, "close");
  return async (line: string, milliseconds: number): Promise<void> => {
    const heard = clock.nextTimer();
    response.write(line);
    await Promise.race([heard, closed]);
    clock.advance(milliseconds);
  };
}

test("a stream that goes on slowly is not cut: comments and pieces are signs of life", async (t) => {
  const clock = manualClock();
  const url = await streaming(t, async (response) => {
    const write = slowWriter(response, clock);
    const lines = [": wait\n\n", ": wait\n\n", piece({ content: "a" }), piece({ content: "b" }), piece({}, "stop")];
    for (const line of lines) await write(line, 399);
    response.end();
  });
  const { text, usage } = await chatOn(url, "gpt-4o", { timeoutMs: 400, timer: clock.timer }).send(ask());
  assert.equal(text, "ab");
  assert.equal(usage.estimated, true);
});

test("a stream of comments without end is cut in the end", async (t) => {
  const clock = manualClock();
  let comments = 0;
  const url = await streaming(t, async (response) => {
    const write = slowWriter(response, clock);
    for (; !response.destroyed; comments += 1) await write(": keep-alive\n\n", 50);
  });
  const error = await failure(chatOn(url, "gpt-4o", { timeoutMs: 100, timer: clock.timer }).send(ask()));
  assert.equal(error.kind, "timeout");
  assert.match(messageForPerson(error), /was not done with its answer after 1 seconds.*10 times/);
  assert.ok(comments >= 19, `${comments} comments`);
});

for (const [what, goesOn] of [
  ["says nothing more", () => undefined],
  ["goes on with comments", (response: ServerResponse) => void response.write(": still here\n\n")],
] as const) {
  test(`an answer is whole with [DONE], also where the server ${what} and keeps the connection, which is then closed`, async (t) => {
    const closed: Promise<unknown>[] = [];
    const url = await streaming(t, (response) => {
      closed.push(once(response, "close"));
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`${piece({ content: "x" })}${piece({}, "stop")}data: [DONE]\n\n`);
      const timer = setInterval(() => goesOn(response), 20);
      response.on("close", () => clearInterval(timer));
    });
    // The clock stands still, so it is not the longest silence that ends it.
    assert.equal((await chatOn(url, "gpt-4o", { timer: manualClock().timer }).send(ask())).text, "x");
    await Promise.all(closed);
  });
}

test("a connection serves one answer after the other, streamed or whole", async (t) => {
  const answer = `${piece({ content: "x" })}${piece({}, "stop")}data: [DONE]\n\n`;
  const whole = JSON.stringify({ choices: [{ message: { content: "x" }, finish_reason: "stop" }] });
  const ports = new Set<number | undefined>();
  const noting = (write: (response: ServerResponse) => void) => (response: ServerResponse) => {
    ports.add(response.socket?.remotePort);
    write(response);
  };
  const url = await streaming(
    t,
    noting(stream(answer)),
    noting(stream(answer)),
    noting(stream(whole, "application/json")),
  );
  const model = chatOn(url);
  for (let index = 0; index < 5; index++) assert.equal((await model.send(ask())).text, "x");
  assert.equal(ports.size, 1);
});

test("a compressed stream is heard as it comes, and one that is cut is a failure", async (t) => {
  const zipped = (last: string | null) => (response: ServerResponse) => {
    response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" });
    const gzip = createGzip();
    gzip.pipe(response);
    gzip.write(piece({ content: "one" }));
    gzip.flush();
    heard = () => (last === null ? response.socket?.destroy() : gzip.end(last));
  };
  let heard = (): unknown => undefined;
  const onText = (text: string | null): unknown => text && heard();
  const request = () => ask("x", { onText });
  const whole = await streaming(t, zipped(piece({ content: " two" }, "stop")));
  assert.equal((await chatOn(whole).send(request())).text, "one two");
  const error = await failure(chatOn(await streaming(t, zipped(null))).send(request()));
  assert.deepEqual([error.kind, error.billed], ["no-connection", "reservation"]);
});

test("a line without end in very many pieces is refused as too long, in time that grows with its length", async () => {
  const body = Readable.from([Buffer.from("data: "), ...Array.from({ length: 80_000 }, () => Buffer.alloc(320, "x"))]);
  const heard = { declared: true, alive: () => undefined, stop: () => undefined, onEvent: assert.fail };
  const reading = readAnswer((take) => hearBody({ body }, take), heard);
  await assert.rejects(reading, (error) => error instanceof ConnectionFailure && error.code === "TOO_LARGE");
});

test("pitfall 28: an abort in the middle of a stream ends it at once with the signal's reason", async (t) => {
  const url = await streaming(t, stalled);
  const controller = new AbortController();
  const reason = new Error("Ctrl-C");
  const waiting = chatOn(url, "gpt-4o", { timer: manualClock().timer }).send(
    ask("x", { signal: controller.signal, onText: (text) => text && controller.abort(reason) }),
  );
  await assert.rejects(waiting, reason);
});

for (const [what, line] of [
  ["as OpenAI sends it", { error: { message: "overloaded", type: "server_error", code: null } }],
  ["as vLLM sends it", { object: "error", message: "overloaded", type: "InternalError", code: 500 }],
  [
    "as OpenRouter sends it",
    { error: { code: 502, message: "overloaded" }, choices: [{ delta: { content: "" }, finish_reason: "error" }] },
  ],
] as const) {
  test(`an error in the middle of a stream, ${what}, is a passing fault of the server that may be billed`, async (t) => {
    const url = await streaming(t, stream(`${piece({ content: "{" })}data: ${JSON.stringify(line)}\n\n`));
    const error = await failure(chatOn(url).send(ask()));
    assert.deepEqual([error.kind, error.billed], ["server-fault", "reservation"]);
    assert.match(error.message, /overloaded/);
  });
}

test("a refusal in a stream costs nothing before the first text, and may be billed behind it", async (t) => {
  const refusal = `data: ${JSON.stringify({ error: { code: 429, message: "Rate limit exceeded" } })}\n\n`;
  const opening = piece({ role: "assistant", content: "" });
  for (const [text, billed] of [
    [refusal, "nothing"],
    [opening + refusal, "nothing"],
    [opening + piece({ content: "{" }) + refusal, "reservation"],
    [opening + piece({ reasoning_content: "So" }) + refusal, "reservation"],
  ] as const) {
    const error = await failure(chatOn(await streaming(t, stream(text))).send(ask()));
    assert.deepEqual([error.kind, error.billed], ["rate-limit", billed]);
  }
});

test("line ends, comments and split characters of a stream are read as the standard says", async (t) => {
  const text = `\ufeff: c\r\nid: 1\r\nevent: message\r\ndata: ${JSON.stringify({ choices: [{ delta: { content: "né" } }] })}\r\n\r\n`;
  const rest = Buffer.from(`${piece({ content: "你🙂" })}${piece({}, "stop")}`);
  const url = await streaming(t, (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const bytes = Buffer.concat([Buffer.from(text.slice(1)), rest]);
    let at = 0;
    const send = (): void => {
      response.write(bytes.subarray(at, (at += 1)), () => (at < bytes.length ? send() : response.end()));
    };
    send();
  });
  assert.equal((await chatOn(url).send(ask())).text, "né你🙂");
});

test("a stream under another content type is understood, and so is one JSON body where a stream was asked for", async (t) => {
  const events = `${piece({ content: "x" })}${piece({}, "stop")}`;
  const json = JSON.stringify({ choices: [{ message: { content: "x" }, finish_reason: "stop" }] });
  for (const answer of [
    stream(events, "application/json"),
    stream(events, "text/plain"),
    stream(json, "application/json"),
  ]) {
    assert.equal((await chatOn(await streaming(t, answer)).send(ask())).text, "x");
  }
});

test("usage is taken from the last event where the server sends it, else estimated with the hidden reasoning", async (t) => {
  const told = `${piece({ content: "x" })}${piece({}, "stop")}data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 9, prompt_tokens_details: { cached_tokens: 3 } } })}\n\n`;
  const { usage } = await chatOn(await streaming(t, stream(told))).send(ask());
  assert.deepEqual(usage, { promptTokens: 7, cachedTokens: 3, completionTokens: 9 });
  const thinking = `${piece({ reasoning_content: "word ".repeat(300) })}${piece({ content: "x" })}${piece({}, "stop")}`;
  const estimated = await chatOn(await streaming(t, stream(thinking))).send(ask());
  assert.equal(estimated.usage.estimated, true);
  assert.ok(estimated.usage.completionTokens > 200, String(estimated.usage.completionTokens));
  assert.equal(estimated.text, "x");
});
