import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { join } from "node:path";
import { commandLine } from "../../src/prompt/system-prompt.js";
import { commandNames } from "../../src/mcp/command-names.js";
import { openServers, type Servers } from "../../src/mcp/servers.js";
import { workspaceWith, commandOnce } from "../support/once.js";
import { temporaryFolder } from "../support/program.js";
import { hostile, type HostileOptions } from "./hostile-world.js";

const type = "object";

/** The commands of a hostile server that the user trusts, and what the user was told. */
async function opened(t: TestContext, mode: string, options: HostileOptions) {
  const { config, connection, calls } = await hostile(t, mode, options);
  await connection.close();
  const said: string[] = [];
  const trust = { file: join(await temporaryFolder(t), "trusted.json"), given: true, ask: null };
  const connecting = { version: "1", startMs: 30_000 };
  const servers = await openServers([config], { trust, tools: null, warn: (text) => said.push(text), connecting });
  t.after(() => servers.close());
  const { signal } = new AbortController();
  const workspace = await workspaceWith(t, {});
  const code = { printOfWorkspace: async () => null } as never;
  const context = { signal, workspace, step: 1, code };
  const run = (index: number, args = {}) => commandOnce(commandAt(servers, index), args, context);
  return { servers, said, run, calls, workspace };
}

function commandAt({ commands }: Servers, index: number) {
  const command = commands[index];
  assert.ok(command);
  return command;
}

test("tools whose names are the same as words are commands of their own, whatever order they are listed in", () => {
  const named = (...names: string[]) =>
    commandNames(
      "s",
      names.map((name) => ({ name })),
    );
  const names = named("a b", "a_b", "a/b", "ファイル", "検索", "Foo", "foo", "x y", "__proto__", "constructor");
  assert.equal(new Set(names).size, 10);
  for (const name of names) assert.match(name, /^s\.[\w.-]+$/);
  assert.deepEqual(names.slice(5), ["s.Foo", "s.foo", "s.x_y", "s.__proto__", "s.constructor"]);
  assert.equal(names[1], "s.a_b");
  assert.match(names[0] ?? "", /^s\.a_b_[0-9a-f]{6}$/);
  assert.deepEqual(named("a/b", "a_b", "a b").toSorted(), names.slice(0, 3).toSorted());
  // Somebody has taken the very name that would be found.
  const [taken = ""] = names;
  assert.equal(new Set(named("a b", "a/b", taken.slice(2))).size, 3);
});

test("tools that cannot be used are named, the others are there, each under a name of its own", async (t) => {
  const deep = `${'{"a":'.repeat(100)}1${"}".repeat(100)}`;
  const tools = [
    { name: "a b", description: "first" },
    { name: "a/b", description: "second" },
    { name: "long", inputSchema: { type, description: "x".repeat(110_000) } },
    { name: "x".repeat(200) },
    { name: "a b" },
  ];
  const listed = `[{"name":"deep","inputSchema":${deep}},${JSON.stringify(tools).slice(1)}`;
  const { servers, said, run } = await opened(t, "", { tools: listed });
  assert.equal(servers.commands.length, 2);
  assert.match(said.join("\n"), /has 2 tools; left out: "deep" \(its schema is deeper than 64 levels\), "long" \(/);
  assert.match(said.join("\n"), /"x{60}…" \(it has no name of 1 to 128 characters\), another "a b"\./);
  assert.match((await run(1)).text, /done/);
});

test("a list without an end, and pages that do not come, are given up", async (t) => {
  const endless = await hostile(t, "pages");
  const offer = await endless.connection.tools();
  assert.deepEqual([offer.tools.length, offer.leftOut], [64, ["what it lists behind 64 pages"]]);
  const silent = await hostile(t, "silent pages", { startMs: 1_000 });
  await assert.rejects(silent.connection.tools(), /the MCP server bad does not say which tools it has: /);
});

test("a server with thousands of arguments, or long ones, does not fill the prompt; odd schemas keep no tool from being there", async (t) => {
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`p${index}`, { description: "d" }]));
  const odd = JSON.stringify({
    constructor: { type: "constructor" },
    toString: { type: "toString" },
    broken: { $ref: "#/%E0%A4%A" },
    nested: { type: [["string"], "string", ...Array<string>(50).fill("number")] },
    "\u202e\u001b[2J": { type: "string" },
  });
  const tools = [
    { name: "many", description: "Many", inputSchema: { type, properties: many, required: ["p999"] } },
    {
      name: "odd",
      inputSchema: { type, properties: JSON.parse(odd.replace("{", '{"__proto__":{"type":"string"},')) as object },
    },
    { name: "old", inputSchema: { $schema: "http://json-schema.org/draft-04/schema#", type, required: ["a"] } },
    { name: "circle", inputSchema: { $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/a" } } } },
  ];
  const { servers } = await opened(t, "", { tools: JSON.stringify(tools) });
  const [first = "", second = ""] = servers.commands.map(commandLine);
  assert.match(first, /^Many \(and 960 further arguments\): "bad\.many", args: "p999": "<anything: d>", "p0": /);
  assert.ok(first.length < 3_000, String(first.length));
  assert.match(second, /"__proto__": "<text, .*"constructor": "<anything, .*"nested": "<text or number or number/);
  assert.doesNotMatch(second, /native code|\[object|\u202e/);
  const refusals: (string | undefined)[] = [];
  for (const command of servers.commands.slice(2))
    refusals.push((await command.review?.({} as never, {} as never))?.refusal);
  assert.match(refusals[0] ?? "", /the arguments do not fit, at the top: it must have required property 'a'/);
  assert.match(
    refusals[1] ?? "",
    /^Error: bad\.circle cannot be called so: its arguments cannot be checked, as the schema/,
  );

  const wide = Array.from({ length: 30 }, (_, index) => ({
    ...tools[0],
    name: `many${index}`,
    description: "x".repeat(300),
  }));
  const listed = JSON.stringify(wide.map((tool) => ({ ...tool, inputSchema: { type, properties: odd30() } })));
  const short = await opened(t, "", { tools: listed });
  assert.equal(commandAt(short.servers, 0).name, "find_tool");
});

const odd30 = () =>
  Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`q${index}`, { description: "d".repeat(90) }]));

test("files of a result are named by what they are said to be and nothing else; one that cannot be saved loses nothing of the rest", async (t) => {
  const kinds = ["__proto__", "constructor", "../../x", "IMAGE/PNG; x"];
  const content = [
    ...kinds.map((mimeType) => ({ type: "image", data: "aGFsbG8=", mimeType })),
    { type: "text", text: "and words" },
  ];
  const { run, workspace } = await opened(t, "", { answer: `"result":${JSON.stringify({ content })}` });
  const saved = (await run(0)).text;
  for (const [index, ending] of ["bin", "bin", "bin", "png"].entries())
    assert.ok(saved.includes(`[image saved to disk: mcp/bad-call-step-1-${index + 1}.${ending}, 5 bytes]`), saved);
  assert.equal((await workspace.read("mcp/bad-call-step-1-1.bin")).toString(), "hallo");

  const other = await opened(t, "", { answer: `"result":${JSON.stringify({ content })}` });
  await other.workspace.write("mcp", "no folder");
  const { ok, text } = await other.run(0);
  assert.equal(ok, true);
  assert.match(text, /\[image, 5 bytes, which could not be saved: .*\]\nand words$/);
});

test("a server that says again and again that its list changed holds up no call, and is said to change no more than thrice", async (t) => {
  const tools = JSON.stringify(["call", "lists"].map((name) => ({ name, inputSchema: { type } })));
  const flood = await opened(t, "says often that its list changed", { tools });
  assert.equal((await flood.run(0)).ok, true);
  // The first look, those that it brought about itself, and the one before this call.
  assert.ok(Number(/\n(\d+)$/.exec((await flood.run(1)).text)?.[1]) <= 24);

  const flips = await opened(t, "flips", {});
  assert.equal((await flips.run(0)).ok, true);
  for (let count = 0; count < 5; count++)
    assert.match((await flips.run(0)).text, /was not carried out: the server describes it otherwise/);
  const warnings = flips.said.filter((text) => text.startsWith("WARNING"));
  assert.ok(warnings.length >= 1 && warnings.length <= 3, warnings.join("\n"));
  assert.equal(await flips.calls(), 1);
});
