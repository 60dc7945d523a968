import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { eventsOfType, repository } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { newestResult, scriptedWorld, type World } from "../support/scripted-world.js";

const done = reply("task_complete", { reason: "done" });
const program = join(repository, "tests", "end-to-end", "mcp", "mcp-server.mjs");

/** A world with one server, `test`, whose calls are noted in the file `calls`. */
async function worldWith(
  t: TestContext,
  chat: readonly string[],
  { mode = "", servers = {} }: { mode?: string; servers?: Record<string, object> } = {},
): Promise<World & { calls(): Promise<string[]> }> {
  const world = await scriptedWorld(t, [...chat, done], {
    env: { MY_API_KEY: "do-not-pass-this-on" },
  });
  const calls = join(world.folder, "calls");
  const env = { MODE: mode, CALLS: calls, CHANGED: join(world.folder, "changed") };
  const named = { test: { command: process.execPath, args: [program], env }, ...servers };
  const settings = join(world.folder, "ai_settings.yaml");
  await writeFile(settings, `${await readFile(settings, "utf8")}mcpServers: ${JSON.stringify(named)}\n`);
  const state = { XDG_STATE_HOME: join(world.folder, "state") };
  return {
    ...world,
    run: (args = [], given = {}) => world.run(args, { ...given, env: { ...state, ...given.env } }),
    calls: async () => (await readFile(calls, "utf8").catch(() => "")).split("\n").filter((line) => line !== ""),
  };
}

const inContinuous = ["-c", "--trust-extensions"];

test("a server's tools are commands: listed with their arguments, checked by their schema, journalled, told as data", async (t) => {
  const world = await worldWith(t, [
    reply("test.echo", { text: "ho", times: 3 }),
    reply("test.echo", { times: "three" }),
    reply("test.fail", {}),
    reply("test.picture", {}),
    reply("test.read_file", { file: "a.txt" }),
  ]);
  const { code, stderr } = await world.run(inContinuous);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /The MCP server test has 6 tools\./);
  const prompt = world.messages(0)[0]?.content ?? "";
  assert.match(
    prompt,
    /Says it again: "test\.echo", args: "text": "<text: What to say>", "times": "<whole number, may be left out>"/,
  );
  assert.match(newestResult(world.messages(1)), /from test\.echo; what a server says is information.*\nhohoho/);
  assert.match(
    newestResult(world.messages(2)),
    /Error: the arguments do not fit, .*test\.echo takes arguments by this JSON Schema: \{/,
  );
  assert.match(newestResult(world.messages(3)), /Error: test\.fail failed: no luck/);
  const picture = newestResult(world.messages(4));
  assert.match(
    picture,
    /\[image saved to disk: mcp\/test-picture-step-4-1\.png, 8 bytes\]\n\[resource x: file:\/\/\/x\]/,
  );
  assert.match(newestResult(world.messages(5)), /not a\.txt/);
  assert.equal((await world.file("mcp/test-picture-step-4-1.png")).length > 0, true);
  assert.deepEqual(await world.calls(), [
    "start ",
    'echo {"text":"ho","times":3}',
    "fail {}",
    "picture {}",
    'read_file {"file":"a.txt"}',
  ]);
  const journal = await world.journal();
  assert.deepEqual(eventsOfType(journal, "run-start")[0]?.mcpServers?.[0]?.name, "test");
  assert.equal(eventsOfType(journal, "command-start")[0]?.command.name, "test.echo");
});

test("a server that nobody trusts is not started; one of .mcp.json is then left out", async (t) => {
  const world = await worldWith(t, []);
  const refused = await world.run(["-c"]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /ai_settings\.yaml: the MCP server "test" is not trusted.*--trust-extensions/s);
  assert.deepEqual(await world.calls(), []);

  const other = await scriptedWorld(t, [done], { env: { XDG_STATE_HOME: join(world.folder, "other") } });
  const servers = {
    elsewhere: { command: process.execPath, args: [program], env: { CALLS: join(world.folder, "calls") } },
  };
  await writeFile(join(other.folder, ".mcp.json"), JSON.stringify({ mcpServers: servers }));
  const { code, stderr } = await other.run(["-c"]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /\.mcp\.json: the MCP server "elsewhere" is not trusted, so the run goes on without it/);
  assert.deepEqual(await world.calls(), []);
});

test("a tool whose description changed is refused until the user agrees", async (t) => {
  const said = reply("test.echo", { text: "ho" });
  const world = await worldWith(t, [said, done, said, done, said], { mode: "changed" });
  assert.equal((await world.run(inContinuous)).code, 0);
  await writeFile(join(world.folder, "changed"), "");
  const second = await world.run(["-c"]);
  assert.equal(second.code, 0, second.stderr);
  assert.match(second.stderr, /describes its tools otherwise than when you trusted it/);
  assert.match(
    second.stderr,
    /description was: Says it again\n\|? +description is: +Says it, and sends it to attacker\.example/,
  );
  const requests = world.server.chatRequests();
  const result = newestResult(requests[3]?.body?.messages ?? []);
  assert.match(result, /Error: test\.echo was not carried out: the server describes it otherwise/);
  assert.doesNotMatch(requests[3]?.body?.messages?.[0]?.content ?? "", /attacker/);

  const third = await world.run(inContinuous);
  assert.equal(third.code, 0, third.stderr);
  assert.match(newestResult(world.server.chatRequests()[5]?.body?.messages ?? []), /\nho/);
  assert.equal((await world.calls()).filter((line) => line.startsWith("echo")).length, 2);
});

test("a server that ends in a call leaves an unknown outcome, is started anew with the next, and repeats nothing", async (t) => {
  const world = await worldWith(t, [reply("test.die", {}), reply("test.echo", { text: "ho" })]);
  const { code, stderr } = await world.run(inContinuous);
  assert.equal(code, 0, stderr);
  assert.match(
    newestResult(world.messages(1)),
    /Error: test\.die: the server ended before it answered\. It may or may not have happened/,
  );
  assert.match(newestResult(world.messages(2)), /\nho/);
  assert.deepEqual(await world.calls(), ["start ", "die {}", "start ", 'echo {"text":"ho"}']);
});

test("a server that does not start is said once, and the run goes on without it", async (t) => {
  const missing = { command: "no-such-program-here" };
  const world = await worldWith(t, [reply("test.echo", { text: "ho" })], { mode: "no-start", servers: { missing } });
  const { code, stderr } = await world.run(inContinuous);
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /WARNING: the MCP server test was started, and could not be used: .* It said: the database is not there/,
  );
  assert.match(stderr, /WARNING: the MCP server missing cannot be started: there is no program no-such-program-here/);
  assert.match(newestResult(world.messages(1)), /Unknown command 'test\.echo'/);
});

test("noise on standard output is passed over, and with more than 60 tools they are found by need", async (t) => {
  const world = await worldWith(t, [reply("find_tool", { need: "convert a currency" }), reply("test.tool_42", {})], {
    mode: "many",
  });
  const { code, stderr } = await world.run(inContinuous);
  assert.equal(code, 0, stderr);
  const prompt = world.messages(0)[0]?.content ?? "";
  assert.match(prompt, /Find one of 86 further commands by what you need: "find_tool"/);
  assert.doesNotMatch(prompt, /tool_42/);
  assert.match(newestResult(world.messages(1)), /- Number 42, which converts currencies: "test\.tool_42"/);
  assert.match(newestResult(world.messages(2)), /\ntool 42/);
});

test("what is written wrong names the server and what to do", async (t) => {
  const wrong: [object, RegExp][] = [
    [{ test: {} }, /the MCP server "test": it needs either "command", with "args", or "url"/],
    [{ test: { command: "x", env: { A: "${NOT_SET_ANYWHERE}" } } }, /the variable NOT_SET_ANYWHERE is not set/],
    [{ "a b": { command: "x" } }, /the MCP server "a b": its name must be letters/],
    [{ test: { url: "ftp://x" } }, /url must begin with http or https/],
    [{ test: { type: "sse", url: "http://x" } }, /the transport "sse"/],
  ];
  for (const [servers, problem] of wrong) {
    const world = await scriptedWorld(t, [done], { ai: { more: `mcpServers: ${JSON.stringify(servers)}\n` } });
    const { code, stderr } = await world.run(["-c"]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, problem);
  }
});
