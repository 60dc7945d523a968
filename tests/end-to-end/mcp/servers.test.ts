import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { eventsOfType } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { newestResult, scriptedWorld } from "../support/scripted-world.js";
import { done, inContinuous, program, worldWith } from "./mcp-world.js";

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
  assert.match(stderr, /The MCP server test has 7 tools\./);
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
    older: { type: "sse", url: "http://x.example" },
  };
  await writeFile(join(other.folder, ".mcp.json"), JSON.stringify({ mcpServers: servers }));
  const { code, stderr } = await other.run(["-c"]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /\.mcp\.json: the MCP server "elsewhere" is not trusted, so the run goes on without it/);
  assert.match(
    stderr,
    /WARNING: \S*\.mcp\.json: the MCP server "older": the transport "sse".*The run goes on without it/,
  );
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
  assert.match(prompt, /Find one of 87 further commands by what you need: "find_tool"/);
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

test("what a server says counts as text of others: behind it, its tools need the user's own word, whatever they say of themselves", async (t) => {
  const calls = [reply("test.picture", {}), reply("test.send", {}), reply("test.echo", { text: "ho" })];
  const world = await worldWith(t, calls, { more: "" });
  const { code, stderr } = await world.run(inContinuous);
  assert.equal(code, 0, stderr);
  assert.deepEqual(await world.calls(), ["start ", "picture {}"]);
  const stopped = eventsOfType(await world.journal(), "effect-stopped");
  assert.deepEqual(
    stopped.map(({ command, instead }) => [command, instead]),
    [
      ["test.send", "refused"],
      ["test.echo", "refused"],
    ],
  );
});

test("the settings' tools say which become commands, whatever else the servers have", async (t) => {
  const more = "tools:\n  - test.e*\n  - test.note\n  - nobody\n";
  const world = await worldWith(t, [reply("test.send", {})], { more });
  const { code, stderr } = await world.run(inContinuous);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /WARNING: tools names "nobody", and no MCP server or tool of one is called so/);
  const prompt = world.messages(0)[0]?.content ?? "";
  assert.deepEqual(prompt.match(/"test\.\w+"/g), ['"test.echo"', '"test.note"']);
  assert.match(newestResult(world.messages(1)), /Unknown command 'test\.send'/);
});

test("a list that changes in the run is looked at: what is new or other is shown, and waits for a yes at the next start", async (t) => {
  const said = reply("test.echo", { text: "ho" });
  const world = await worldWith(
    t,
    [said, reply("test.grow", {}), said, reply("test.added", {}), done, said, reply("test.added", {})],
    {
      mode: "grow",
    },
  );
  const first = await world.run(inContinuous);
  assert.equal(first.code, 0, first.stderr);
  assert.match(
    first.stderr,
    /describes its tools otherwise than when you trusted it[^]*changed: echo[^]*new: added: Was not there/,
  );
  assert.match(newestResult(world.messages(1)), /\nho/);
  assert.match(
    newestResult(world.messages(3)),
    /Error: test\.echo was not carried out: the server describes it otherwise/,
  );
  assert.match(newestResult(world.messages(4)), /Unknown command 'test\.added'/);

  await writeFile(join(world.folder, "changed"), "");
  const second = await world.run(inContinuous);
  assert.equal(second.code, 0, second.stderr);
  const results = world.server.chatRequests().map(({ body }) => newestResult(body?.messages ?? []));
  assert.match(results[6] ?? "", /\nho/);
  assert.match(results[7] ?? "", /\nadded/);
});

test("find_tool tells what servers have written, which counts as text of others", async (t) => {
  const world = await worldWith(t, [reply("find_tool", { need: "convert a currency" })], { mode: "many" });
  assert.equal((await world.run(inContinuous)).code, 0);
  const tainted = eventsOfType(await world.journal(), "context-tainted");
  assert.deepEqual(
    tainted.map(({ step, kind, from }) => [step, kind, from]),
    [[1, "server", "test"]],
  );
});

test("a tool that changes the workspace is noted as one, also where nothing is kept for an undo", async (t) => {
  const note = reply("test.note", { file: "workspace/n.txt" });
  const world = await worldWith(t, [note, reply("test.fail", {})]);
  const { code, stderr } = await world.run(inContinuous, { env: { SNAPSHOTS: "off" } });
  assert.equal(code, 0, stderr);
  const ends = eventsOfType(await world.journal(), "step-end");
  assert.deepEqual(
    ends.slice(0, 2).map(({ result }) => result.changed),
    [true, undefined],
  );
});
