import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import type { TestContext } from "node:test";
import {
  eventsOfType,
  journalOf,
  lastJournal,
  long,
  temporaryFolder,
  writeAi,
  type Ended,
} from "../../support/program.js";
import { runInProcess } from "../../support/in-process.js";
import { fixtureRows, rowsBeside } from "../../support/fixtures.js";
import { type ScriptedReply, errorBody, startFakeOpenAi } from "../../support/services/fake-open-ai.js";
import { carefulReply, filesAfter, operations } from "../support/file-script.js";
import { contentsOf } from "../support/folder-contents.js";

const key = "sk-test-3pQ9vZ7rT1wX5yB8";

/** How many files' operations a run has, each of them a request. */
const operationCount = long ? operations.length : 2;
/** Requests of a run in which nothing goes wrong. */
const undisturbedRequests = operationCount + 1;

/** What a fault does to a run: it is overcome within the run, or ends it at once with a message of what to do. */
type FaultCase = {
  name: string;
  answer: ScriptedReply;
  ends?: RegExp;
  /** In milliseconds, where the server says how long to wait. */
  waits?: number;
};

const refusal = (status: number, message: string, code: string | null, param: string | null = null) => ({
  status,
  body: errorBody(message, code, param, "invalid_request_error"),
});
const parameterRefused = (name: string) =>
  refusal(400, `Unsupported parameter: '${name}' is not supported with this model.`, "unsupported_parameter", name);
const quota = "You exceeded your current quota, please check your plan and billing details.";
const retired = "The model `gpt-6.1-terra` does not exist or you do not have access to it.";

const faultCases: readonly FaultCase[] = [
  { name: "429 with Retry-After: 0", answer: tooMany({ "retry-after": "0" }) },
  { name: "429 with Retry-After: 1", answer: tooMany({ "retry-after": "1" }), waits: 1000 },
  { name: "429 with retry-after-ms: 20", answer: tooMany({ "retry-after-ms": "20" }), waits: 20 },
  { name: "429 without Retry-After", answer: tooMany({}) },
  { name: "408", answer: { status: 408, body: errorBody("Request timed out") } },
  { name: "409", answer: { status: 409, body: errorBody("Conflict") } },
  { name: "500", answer: { status: 500, body: errorBody("The server had an error", null, null, "server_error") } },
  { name: "502 with a page", answer: { status: 502, body: "<html><h1>502 Bad Gateway</h1></html>" } },
  { name: "503 with Retry-After: 0", answer: { status: 503, headers: { "retry-after": "0" } } },
  { name: "529 without a body", answer: { status: 529, body: "" } },
  { name: "hang beyond OPENAI_TIMEOUT", answer: { fault: "hang" } },
  { name: "hang in the middle of the answer", answer: { fault: "hang-body" } },
  { name: "cut connection", answer: { fault: "cut" } },
  { name: "dropped connection", answer: { fault: "drop" } },
  { name: "garbage", answer: { fault: "garbage" } },
  { name: "empty body", answer: { fault: "empty-body" } },
  { name: "an error with status 200", answer: { body: errorBody("overloaded") } },
  { name: "no choices", answer: { body: { object: "chat.completion", choices: [] } } },
  { name: "empty answer", answer: { text: "" } },
  { name: "no answer text", answer: { text: null } },
  { name: "prose", answer: { text: "Certainly! I will write the file now and tell you when it is there." } },
  { name: "cut at the limit", answer: { fault: "length" } },
  { name: "400 for response_format", answer: parameterRefused("response_format") },
  { name: "400 for max_completion_tokens", answer: parameterRefused("max_completion_tokens") },
  { name: "400 for a parameter that was not sent", answer: parameterRefused("top_k") },
  {
    name: "400 for a context that is too long",
    answer: refusal(400, "too long", "context_length_exceeded", "messages"),
  },
  { name: "404 retired model", answer: refusal(404, retired, "model_not_found"), ends: /SMART_LLM_MODEL/ },
  {
    name: "401",
    answer: refusal(401, `Incorrect API key provided: ${key}.`, "invalid_api_key"),
    ends: /[Cc]heck OPENAI_API_KEY/,
  },
  { name: "403", answer: refusal(403, "Country not supported", "unsupported_country"), ends: /OPENAI_API_KEY/ },
  { name: "spent quota", answer: refusal(429, quota, "insufficient_quota"), ends: /[Aa]dd credit/ },
  { name: "402", answer: refusal(402, "Insufficient balance", null), ends: /[Aa]dd credit/ },
];

function tooMany(headers: Record<string, string>): ScriptedReply {
  return { status: 429, headers, body: errorBody("Rate limit reached", "rate_limit_exceeded", null, "requests") };
}

/** The server answers each request by the conversation, except those of these numbers (from 0). */
async function runWith(
  t: TestContext,
  answerOf: (index: number) => ScriptedReply | undefined,
  { retries = 6, timeout = 60 } = {},
) {
  const folder = await temporaryFolder(t);
  await writeAi(folder);
  let requests = 0;
  const server = await startFakeOpenAi({
    chat: ({ body }) => answerOf(requests++) ?? carefulReply(body?.messages ?? [], operationCount),
  });
  t.after(() => server.close());
  const env = {
    OPENAI_API_BASE_URL: server.url,
    OPENAI_API_KEY: key,
    OPENAI_TIMEOUT: String(timeout),
    OPENAI_RETRIES: String(retries),
  };
  const go = async (...args: string[]): Promise<Ended> => {
    const ended = await runInProcess({ cwd: folder, args: [...args, "-m", "no_memory"], env });
    const journal = readFileSync(await lastJournal(folder), "utf8");
    assert.ok(!`${ended.stdout}${ended.stderr}${journal}`.includes(key), "the key is shown nowhere");
    return ended;
  };
  return { folder, server, go };
}

function endsAsUndisturbed(folder: string): void {
  const found = contentsOf(join(folder, "workspace"));
  const files = Object.entries(found).filter(([path]) => !path.endsWith("/"));
  assert.deepEqual(new Map(files), new Map([...filesAfter(operationCount)].sort()));
}

async function overcome(t: TestContext, { name, answer, waits }: FaultCase, struck: number): Promise<void> {
  // Where the time for an answer has to run out it is short, and still long enough for every other answer.
  const timeout = name.startsWith("hang") ? 4 : 60;
  const { folder, server, go } = await runWith(t, (index) => (index === struck ? answer : undefined), { timeout });
  const { code, stderr } = await go("-c");
  assert.equal(code, 0, stderr);
  assert.equal(server.chatRequests().length, undisturbedRequests + 1, "one request more than without the fault");
  endsAsUndisturbed(folder);
  if (waits === undefined) return;
  const retries = eventsOfType(await journalOf(folder), "model-retry");
  assert.deepEqual(
    retries.map(({ waitMs }) => waitMs),
    [waits],
  );
}

async function endAndGoOn(t: TestContext, answer: ScriptedReply, says: RegExp, struck: number): Promise<void> {
  const { folder, server, go } = await runWith(t, (index) => (index === struck ? answer : undefined));
  const { code, stderr } = await go("-c");
  assert.equal(code, 7, stderr);
  assert.match(stderr, says);
  assert.ok(server.chatRequests().length <= struck + 2, "at most two requests for what cannot be retried");
  const end = (await journalOf(folder)).at(-1);
  assert.equal(end?.type === "run-end" && end.reason, "service-failed");

  const resumed = await go("--resume");
  assert.equal(resumed.code, 0, resumed.stderr);
  endsAsUndisturbed(folder);
}

/** In the normal version each fault strikes at one request, another one each. */
const strikes = faultCases.flatMap((fault, row) =>
  Array.from({ length: undisturbedRequests }, (_, struck) => ({ fault, struck })).filter(
    ({ struck }) => long || struck === row % undisturbedRequests,
  ),
);

test(
  "a fault at any request is overcome, or ends the run with a message of what to do",
  { concurrency: 2 },
  async (t) => {
    t.diagnostic(`${strikes.length} of ${faultCases.length * undisturbedRequests} faults at requests`);
    const cases = strikes.map(({ fault, struck }) =>
      t.test(`${fault.name} at request ${struck + 1}`, (own) =>
        fault.ends ? endAndGoOn(own, fault.answer, fault.ends, struck) : overcome(own, fault, struck),
      ),
    );
    await Promise.all(cases);
  },
);

type ErrorRow = { server: string; status: number; body: string };

test("errors as the real service sends them are overcome, or end the run", { concurrency: 2 }, async (t) => {
  const examples = fixtureRows<ErrorRow>("api-errors.jsonl").filter(({ server }) => server === "OpenAI, 2023");
  const recorded = long ? rowsBeside<ErrorRow>("data", "api_errors.jsonl") : [];
  assert.equal(examples.length, 4);
  const cases = [...examples, ...recorded].map(({ status, body }, row) => {
    const struck = row % undisturbedRequests;
    const fault: FaultCase = { name: String(status), answer: { status, body } };
    return t.test(`error ${row + 1}, status ${status}, at request ${struck + 1}`, (own) =>
      status === 401 ? endAndGoOn(own, fault.answer, /[Cc]heck OPENAI_API_KEY/, struck) : overcome(own, fault, struck),
    );
  });
  await Promise.all(cases);
});

test("a server that stays down ends the run when the retries are spent", async (t) => {
  const down: ScriptedReply = { status: 503, headers: { "retry-after": "0" }, body: errorBody("down") };
  const { folder, server, go } = await runWith(t, (index) => (index >= 1 && index <= 4 ? down : undefined), {
    retries: 3,
  });
  const { code, stderr } = await go("-c");
  assert.equal(code, 7);
  assert.match(stderr, /tried 4 times.*--resume/);
  assert.equal(server.chatRequests().length, 1 + 4);

  assert.equal((await go("--resume")).code, 0);
  endsAsUndisturbed(folder);
});

test("a server that always sends garbage ends the run and names the setting with its address", async (t) => {
  const { server, go } = await runWith(t, () => ({ fault: "garbage" }), { retries: 1 });
  const { code, stderr } = await go("-c");
  assert.equal(code, 7);
  assert.match(stderr, /OPENAI_API_BASE_URL/);
  assert.equal(server.chatRequests().length, 2);
});

test("a refused parameter that the server never takes back is left out for the rest of the run", async (t) => {
  const { server, go } = await runWith(t, (index) => (index === 0 ? parameterRefused("stream_options") : undefined));
  assert.equal((await go("-c")).code, 0);
  const sent = server.chatRequests().map(({ body }) => body !== undefined && "stream_options" in body);
  assert.deepEqual(sent, [true, ...Array.from({ length: undisturbedRequests }, () => false)]);
});

test("a refused schema of the reply is replaced by any JSON object, and that by plain text, for the rest of the run", async (t) => {
  const { server, go } = await runWith(t, (index) => (index <= 1 ? parameterRefused("response_format") : undefined));
  assert.equal((await go("-c")).code, 0);
  const form = (body: unknown): unknown => (body as { response_format?: { type: string } }).response_format?.type;
  const sent = server.chatRequests().map(({ body }) => form(body));
  const plain = Array.from({ length: undisturbedRequests }, () => undefined);
  assert.deepEqual(sent, ["json_schema", "json_object", ...plain]);
});

test("a request that is always refused for an unknown reason is sent twice, not more", async (t) => {
  const { server, go } = await runWith(t, () => refusal(400, "Invalid value", "invalid_value", "messages"));
  const { code, stderr } = await go("-c");
  assert.equal(code, 7, stderr);
  assert.equal(server.chatRequests().length, 2);
  assert.match(stderr, /SMART_LLM_MODEL/);
});

test("a model that only talks is told so, and ends the run after five replies", async (t) => {
  const { server, go } = await runWith(t, () => "I am thinking about it.");
  const { code } = await go("-c");
  assert.equal(code, 4);
  assert.equal(server.chatRequests().length, 5);
  const last = server.chatRequests().at(-1)?.body?.messages ?? [];
  assert.match(last.at(-2)?.content ?? "", /could not be used/);
});

test("an answer that is always cut off is never executed, and the model is told to be shorter", async (t) => {
  const { server, folder, go } = await runWith(t, () => ({
    text: '{"thoughts": {"text": "t"}, "command": {"name": "write_to_file", "args": {"file": "half.txt", "text": "half',
    finishReason: "length",
  }));
  assert.equal((await go("-c")).code, 4);
  assert.equal(existsSync(join(folder, "workspace", "half.txt")), false);
  const limits = server.chatRequests().map(({ body }) => body?.max_completion_tokens);
  assert.deepEqual(limits.slice(0, 3), [4000, 16000, 4000]);
  assert.match(server.chatRequests().at(-1)?.body?.messages.at(-2)?.content ?? "", /Be shorter/);
});
