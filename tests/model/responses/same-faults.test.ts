import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { SetTimer } from "../../../src/base/abort.js";
import { ModelError } from "../../../src/errors.js";
import { errorBody } from "../../support/services/fake-open-ai.js";
import { listenLocally } from "../../support/services/local-server.js";
import { completionBody } from "../../support/services/model-answers.js";
import { eventsOf, eventText, responseOf, usageInResponse } from "../../support/services/responses/fake-responses.js";
import { ask, key, runOn } from "../compose.js";

type Api = "chat" | "responses";
type Said = { text?: string | null; finish?: string; usage?: object | null; refusal?: string };
/** What a server does to one request. */
type Act = (response: ServerResponse, api: Api) => void;

const reported = { prompt_tokens: 40, completion_tokens: 3, total_tokens: 43 };

/** An answer as each API has it, whole. */
function whole(api: Api, { text = "hello", finish = "stop", usage = reported, refusal }: Said = {}): object {
  if (api === "chat") {
    const body = completionBody("m", text, finish, usage);
    const [choice] = body.choices;
    return refusal === undefined || !choice
      ? body
      : { ...body, choices: [{ ...choice, message: { role: "assistant", content: null, refusal } }] };
  }
  const response = responseOf({ body: { model: "m", input: "" }, text, finish, usage: usageInResponse(usage) });
  if (refusal === undefined) return response;
  return { ...response, output: [{ type: "message", role: "assistant", content: [{ type: "refusal", refusal }] }] };
}

/** Its events, each as the text that is sent. */
function streamed(api: Api, said: Said = {}): string[] {
  if (api === "responses") return eventsOf(whole(api, said) as ReturnType<typeof responseOf>).map(eventText);
  const { text = "hello", finish = "stop", usage = reported } = said;
  const data = (body: object): string => `data: ${JSON.stringify(body)}\n\n`;
  const piece = (delta: object, reason: string | null): string =>
    data({ choices: [{ index: 0, delta, finish_reason: reason }] });
  return [piece({ content: text }, null), piece({}, finish), data({ choices: [], usage }), "data: [DONE]\n\n"];
}

const json = { "content-type": "application/json" };
const events = { "content-type": "text/event-stream" };
const send =
  (body: (api: Api) => string | Buffer, headers: Record<string, string> = json, status = 200): Act =>
  (response, api) =>
    void response.writeHead(status, headers).end(body(api));
const refused = (status: number, body: unknown, headers = {}): Act =>
  send(() => (typeof body === "string" ? body : JSON.stringify(body)), { ...json, ...headers }, status);
const answer = (said?: Said): Act => send((api) => JSON.stringify(whole(api, said)));
const stream = (said?: Said): Act => send((api) => streamed(api, said).join(""), events);
const ok = stream();
/** So much of a stream, and then the end of it, in order or not. */
const cut =
  (share: number, isClean: boolean): Act =>
  (response, api) => {
    const text = streamed(api).join("");
    const part = text.slice(
      0,
      text.lastIndexOf(api === "chat" ? '"finish_reason":"stop"' : "response.completed") * share,
    );
    response.writeHead(200, events);
    if (isClean) response.end(part);
    else response.write(part, () => response.socket?.destroySoon());
  };

/** Timers that a server's silence sets off. */
const pending = new Set<() => void>();
const timer: SetTimer = (call) => {
  pending.add(call);
  return () => void pending.delete(call);
};
const silent = (): void => void setImmediate(() => [...pending].forEach((call) => call()));

/** What goes wrong, what the server does to the requests in turn, and what comes of it in both APIs. */
const faults: [what: string, acts: Act[], outcome: string][] = [
  ["too many requests", [refused(429, errorBody("slow down"), { "retry-after-ms": "3" }), ok], "hello"],
  ["too many requests for a day", [refused(429, errorBody("slow down"), { "retry-after": "86400" })], "rate-limit"],
  ["a spent quota", [refused(429, errorBody("no", "insufficient_quota"))], "spent-quota"],
  ...[500, 502, 503, 504, 520, 529, 408, 409].map((status): (typeof faults)[number] => [
    `status ${status}`,
    [refused(status, status === 502 ? "<html>Bad gateway</html>" : ""), ok],
    "hello",
  ]),
  ["a fault that goes on", [refused(500, errorBody("gone", "server_error"))], "server-fault"],
  ["a wrong key", [refused(401, errorBody(`Incorrect API key provided: ${key}`, "invalid_api_key"))], "wrong-key"],
  ["a forbidden request", [refused(403, errorBody("no"))], "refused"],
  ["a model that is not there", [refused(404, errorBody("no", "model_not_found"))], "unknown-model"],
  ["too long a context", [refused(400, errorBody("no", "context_length_exceeded"))], "context-too-long"],
  ["too large a request", [refused(413, "<html>Too large</html>")], "context-too-long"],
  ["a filtered prompt", [refused(400, errorBody("no", "content_filter"))], "filtered"],
  ["a prompt that is not allowed", [refused(400, errorBody("no", "invalid_prompt"))], "filtered"],
  [
    "a parameter that is not taken",
    [refused(400, errorBody("Unsupported parameter: 'stream'.", "unsupported_parameter", "stream")), answer()],
    "hello",
  ],
  ["a redirect", [refused(302, "", { location: "https://elsewhere.example/v1" })], "refused"],
  ["a web page", [send(() => "<html>Log in</html>", { "content-type": "text/html" }), ok], "hello"],
  ["a web page that stays", [send(() => "<html>Log in</html>", { "content-type": "text/html" })], "not-a-completion"],
  ["an empty body", [send(() => ""), ok], "hello"],
  ["an empty stream", [send(() => "", events), ok], "hello"],
  ["half an object", [send((api) => JSON.stringify(whole(api)).slice(0, 40)), ok], "hello"],
  ["a list", [send(() => "[1, 2]"), ok], "hello"],
  ["an object of another kind", [send(() => '{"hello": 1}'), ok], "hello"],
  [
    "an answer of the other API",
    [send((api) => JSON.stringify(whole(api === "chat" ? "responses" : "chat"))), ok],
    "hello",
  ],
  ["broken JSON in a stream", [send((api) => `${streamed(api)[0]}data: {"choi\n\n`, events), ok], "hello"],
  ["a connection that is dropped", [(response) => void response.socket?.destroy(), ok], "hello"],
  [
    "a body that is cut",
    [
      (response) => {
        response.writeHead(200, { ...json, "content-length": "1000" });
        response.write("{", () => response.socket?.destroy());
      },
      ok,
    ],
    "hello",
  ],
  ...[0.3, 1].flatMap((share) =>
    [true, false].map((isClean): (typeof faults)[number] => [
      `a stream that is ${isClean ? "ended" : "broken"} at ${share} of it`,
      [cut(share, isClean), ok],
      "hello",
    ]),
  ),
  ["no answer in time", [silent, ok], "hello"],
  [
    "a body that stops",
    [(response, api) => (response.writeHead(200, events).write(streamed(api)[0]), silent()), ok],
    "hello",
  ],
  ["an error with status 200", [refused(200, errorBody("no credit", "insufficient_quota"))], "spent-quota"],
  ["an error as a text", [refused(200, { error: "the upstream is gone" }), ok], "hello"],
  [
    "an error in the middle of a stream",
    [
      send(
        (api) =>
          `${streamed(api).slice(0, -3).join("")}data: ${JSON.stringify(errorBody("overloaded", null, null, "server_error"))}\n\n`,
        events,
      ),
      ok,
    ],
    "hello",
  ],
  ["an empty answer", [answer({ text: "" })], ""],
  ["an answer that was cut off", [stream({ finish: "length" })], "hello (length)"],
  ["an answer that a filter withheld", [answer({ finish: "content_filter" })], "filtered"],
  ["a refusal", [answer({ refusal: "I will not." })], "I will not."],
  ...(
    [null, {}, "much", { ...reported, completion_tokens: -1 }, { prompt_tokens: 0, completion_tokens: 0 }] as never[]
  ).map((usage): (typeof faults)[number] => [`usage that is ${JSON.stringify(usage)}`, [answer({ usage })], "hello"]),
  ["a stream without usage", [stream({ usage: null })], "hello"],
  ["JSON that is called a stream", [send((api) => JSON.stringify(whole(api)), events)], "hello"],
  ["a stream that is called JSON", [send((api) => streamed(api).join(""))], "hello"],
  ["JSON behind a byte order mark", [send((api) => `\ufeff${JSON.stringify(whole(api))}`)], "hello"],
  [
    "line ends of Windows and comments",
    [send((api) => `: hi\r\n\r\n${streamed(api).join("").replaceAll("\n", "\r\n")}`, events)],
    "hello",
  ],
  [
    "a compressed stream",
    [send((api) => gzipSync(streamed(api).join("")), { ...events, "content-encoding": "gzip" })],
    "hello",
  ],
  ["half a surrogate pair", [answer({ text: "a\ud83d" })], "a\ufffd"],
];

/** One server for all: each request is answered by the act that is its turn, the last one again and again. */
let acts: readonly Act[] = [];
let asked = 0;
const server = createServer((request, response) => {
  request.resume().on("end", () => {
    const act = acts[Math.min(asked++, acts.length - 1)];
    act?.(response, request.url?.includes("/responses") ? "responses" : "chat");
  });
});
let url = "";
before(async () => {
  url = `http://127.0.0.1:${await listenLocally(server)}/v1`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

/** All that a run knows of a request: what came of it, each event with its money, how often was asked, and the totals. */
async function told(api: Api, given: readonly Act[]) {
  acts = given;
  asked = 0;
  const run = runOn(url, { api, timer, limits: { costUsd: 5 } });
  let outcome: string;
  try {
    const { text, finishReason } = await run.chat.send(ask());
    outcome = finishReason === "stop" ? text : `${text} (${finishReason})`;
  } catch (thrown) {
    assert.ok(thrown instanceof ModelError, String(thrown));
    assert.ok(!thrown.message.includes(key));
    outcome = thrown.kind;
  }
  const journalled = run.events.map((event) => ({
    ...event,
    ...("problem" in event && { problem: "" }),
    // Whoever names no time is asked again after one that is left to chance.
    ...(event.type === "model-retry" && event.waitMs !== 3 && { waitMs: 0 }),
  }));
  return { outcome, journalled, asked, totals: run.governor.totals() };
}

for (const [what, given, outcome] of faults)
  test(`by both APIs the same comes of ${what}`, async () => {
    const [chat, other] = [await told("chat", given), await told("responses", given)];
    assert.equal(chat.outcome, outcome);
    assert.deepEqual(other, chat);
  });
