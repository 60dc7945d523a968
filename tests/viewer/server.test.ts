import assert from "node:assert/strict";
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { test, type TestContext } from "node:test";
import { join } from "node:path";
import { createMask } from "../../src/base/mask.js";
import type { Update } from "../../src/viewer/shapes.js";
import { serveViewer, type Viewer } from "../../src/viewer/server/serve.js";
import { readQuestion } from "../../src/history/questions/answer.js";
import { temporaryFolder } from "../support/program.js";
import { makeJournal } from "./made-journal.js";

const run = "20261128-000000-000-abcd";
export const plainWords = { state: (state: string) => state, sentence: (reason: string) => reason };

async function viewed(t: TestContext): Promise<{ viewer: Viewer; port: number; token: string }> {
  const home = join(await temporaryFolder(t), ".autogpt");
  await makeJournal(home, { run, steps: 12 });
  const viewer = await serveViewer({ home, runs: [run], mask: (value) => value, words: plainWords });
  t.after(() => viewer.close());
  const { port, searchParams } = new URL(viewer.address);
  return { viewer, port: Number(port), token: searchParams.get("token") ?? "" };
}

type Asked = { method?: string; headers?: Record<string, string>; body?: string };

/** A request as nobody's browser would make it: with these headers and no others. */
async function ask(port: number, path: string, { method = "GET", headers = {}, body }: Asked = {}) {
  const sent = request({ host: "127.0.0.1", port, path, method, headers: { host: `127.0.0.1:${port}`, ...headers } });
  sent.end(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += String(chunk);
  return { status: response.statusCode, headers: response.headers, text };
}

/** What is told of the run until all that its journal has was told. */
async function firstUpdates(port: number, headers: Record<string, string>): Promise<Update[]> {
  const abort = new AbortController();
  const followed = await fetch(`http://127.0.0.1:${port}/api/runs/${run}/follow`, { headers, signal: abort.signal });
  const updates: Update[] = [];
  let rest = "";
  for await (const text of (followed.body as ReadableStream<Uint8Array<ArrayBuffer>>).pipeThrough(
    new TextDecoderStream(),
  )) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    updates.push(...lines.map((line) => JSON.parse(line) as Update));
    if (updates.some(({ kind }) => kind === "ready")) break;
  }
  abort.abort();
  return updates;
}

test("without the token, with another one, host or origin, or from another page, nothing is answered", async (t) => {
  const { port, token } = await viewed(t);
  const bearer = { authorization: `Bearer ${token}` };
  const own = { origin: `http://127.0.0.1:${port}` };
  const tell = {
    method: "POST",
    headers: { ...bearer, ...own, "content-type": "application/json" },
    body: '{"text":"Hello"}',
  };
  const refused: [status: number, path: string, asked: Asked][] = [
    [401, "/", {}],
    [401, `/?token=${token.slice(1)}`, {}],
    [401, `/?token=${token}x`, {}],
    [401, `/?token=${token}&token=x`, {}],
    [401, "/api/runs", {}],
    [401, `/api/runs?token=${token}`, {}],
    [401, "/api/runs", { headers: { authorization: `Bearer ${token}x` } }],
    [401, "/api/runs", { headers: { authorization: token } }],
    [401, "/api/runs", { headers: { cookie: `token=${token}` } }],
    [403, `/?token=${token}`, { headers: { host: `localhost:${port}` } }],
    [403, `/?token=${token}`, { headers: { host: `127.0.0.1:${port}.example.com` } }],
    [403, `/?token=${token}`, { headers: { host: "127.0.0.1" } }],
    [403, "/api/runs", { headers: { ...bearer, host: `evil.example:${port}` } }],
    [403, "/api/runs", { headers: { ...bearer, origin: "http://127.0.0.1:1" } }],
    [403, "/api/runs", { headers: { ...bearer, origin: `https://127.0.0.1:${port}` } }],
    [403, "/api/runs", { headers: { ...bearer, origin: "null" } }],
    [403, "/api/runs", { headers: { ...bearer, "sec-fetch-site": "same-site" } }],
    [403, "/api/runs", { headers: { ...bearer, "sec-fetch-site": "cross-site" } }],
    [403, `/api/runs/${run}/tell`, { ...tell, headers: { ...bearer, "content-type": "application/json" } }],
    [401, `/api/runs/${run}/tell`, { ...tell, headers: { ...own, "content-type": "application/json" } }],
    [403, `/api/runs/${run}/stop`, { method: "POST", headers: { ...bearer, origin: "http://evil.example" } }],
  ];
  for (const [status, path, asked] of refused) {
    const answer = await ask(port, path, asked);
    assert.equal(answer.status, status, `${path} ${JSON.stringify(asked)}`);
    assert.ok(!answer.text.includes(run) && !answer.text.includes(token));
  }
});

test("the page may do nothing but show itself and talk to its server, and nobody may frame or keep it", async (t) => {
  const { port, token } = await viewed(t);
  const { status, headers, text } = await ask(port, `/?token=${token}`);
  assert.equal(status, 200);
  const policy = String(headers["content-security-policy"]);
  for (const part of [
    "default-src 'none'",
    "script-src 'sha256-",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "trusted-types 'none'",
  ])
    assert.ok(policy.includes(part), policy);
  assert.doesNotMatch(policy, /unsafe|\*/);
  assert.equal(headers["cache-control"], "no-store");
  assert.equal(headers["referrer-policy"], "no-referrer");
  assert.equal(headers["set-cookie"], undefined);
  assert.ok(!text.includes(token), "the page itself does not hold it");
});

test("a run is told in an overview and rows; a step, a search and the list of runs when they are asked for; no other file can be reached", async (t) => {
  const { port, token } = await viewed(t);
  const headers = { authorization: `Bearer ${token}` };
  const get = async (path: string) => JSON.parse((await ask(port, path, { headers })).text) as never;
  const [first, second] = await firstUpdates(port, headers);
  assert.ok(first?.kind === "overview" && second?.kind === "rows");
  const { overview } = first;
  assert.deepEqual([overview.state, overview.steps, overview.goals[1]?.verdict], ["task-complete", 12, "failed"]);
  assert.ok(
    Math.abs(overview.money.settledUsd - 12 * 0.0004) < 1e-9 && Math.abs(overview.money.wasteUsd - 2 * 0.0004) < 1e-9,
  );
  assert.deepEqual([second.rows.length, second.rows[4]?.retries, second.rows[6]?.ok], [12, 1, false]);
  const { events } = (await get(`/api/runs/${run}/step?n=5`)) as { events: { type: string }[] };
  assert.ok(events.some(({ type }) => type === "model-retry") && events.some(({ type }) => type === "step-end"));
  assert.deepEqual(await get(`/api/runs/${run}/search?text=STEP%2011`), [11]);
  assert.deepEqual(
    ((await get("/api/runs")) as { run: string; steps: number }[]).map(({ run: name, steps }) => [name, steps]),
    [[run, 12]],
  );
  for (const path of [
    "/api/runs/..%2f..%2f/follow",
    "/api/runs/other/follow",
    "/api/nothing",
    "/../../etc/passwd",
    `/api/runs/${run}/answer`,
  ])
    assert.equal((await ask(port, path, { headers })).status, 404, path);
});

test("what cannot be done is refused with a reason: an answer where nothing is asked, a stop where nothing runs, a text for a run that is over", async (t) => {
  const { port, token } = await viewed(t);
  const headers = {
    authorization: `Bearer ${token}`,
    origin: `http://127.0.0.1:${port}`,
    "content-type": "application/json",
  };
  const post = (what: string, body: unknown) =>
    ask(port, `/api/runs/${run}/${what}`, { method: "POST", headers, body: JSON.stringify(body) });
  for (const [what, body, message] of [
    ["answer", { step: 1, question: "x", answer: "run" }, /waits for no answer/],
    ["answer", { step: 1, question: "x", answer: "sudo" }, /cannot be understood/],
    ["stop", {}, /No process works/],
    ["tell", { text: "Hello" }, /has completed/],
    ["tell", { text: "x".repeat(200_000) }, /cannot be understood/],
  ] as const) {
    const { status, text } = await post(what, body);
    assert.equal(status, 409);
    assert.match(text, message);
  }
});

test("of two viewers the first answer counts, and the second one is told", async (t) => {
  const home = join(await temporaryFolder(t), ".autogpt");
  await makeJournal(home, { run, steps: 2, parked: true });
  const question = (await readQuestion(home, run)).parked.question;
  const answerIn = async (answer: string) => {
    const viewer = await serveViewer({ home, runs: [run], mask: (value) => value, words: plainWords });
    t.after(() => viewer.close());
    const { origin, port, searchParams } = new URL(viewer.address);
    const headers = {
      authorization: `Bearer ${searchParams.get("token")}`,
      "content-type": "application/json",
      origin,
    };
    const body = JSON.stringify({ step: 3, question, answer });
    return ask(Number(port), `/api/runs/${run}/answer`, { method: "POST", headers, body });
  };
  const first = await answerIn("deny");
  assert.deepEqual([first.status, /Denied/.test(first.text)], [200, true], first.text);
  const second = await answerIn("run");
  assert.deepEqual([second.status, /waits for no answer|been answered/.test(second.text)], [409, true], second.text);
});

test("no answer of the page's server has a key that became one after the run", async (t) => {
  const home = join(await temporaryFolder(t), ".autogpt");
  const secret = "sk-key-of-later-0002";
  await makeJournal(home, { run, steps: 3, text: (step) => `${secret} in ${step}` });
  const all = async (secrets: readonly string[]): Promise<string> => {
    const viewer = await serveViewer({ home, runs: [run], mask: createMask(secrets), words: plainWords });
    t.after(() => viewer.close());
    const { port, searchParams } = new URL(viewer.address);
    const headers = { authorization: `Bearer ${searchParams.get("token")}` };
    const paths = ["step?n=2", "agent?key=", "search?text=key-of-later"].map((what) => `/api/runs/${run}/${what}`);
    const texts = [JSON.stringify(await firstUpdates(Number(port), headers))];
    for (const path of ["/api/runs", ...paths]) texts.push((await ask(Number(port), path, { headers })).text);
    return texts.join("\n");
  };
  assert.ok((await all([])).includes(secret));
  const masked = await all([secret]);
  assert.ok(!masked.includes(secret) && masked.includes("in 2"));
});
