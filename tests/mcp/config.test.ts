import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { inWords, secretsOf } from "../../src/mcp/config.js";
import { configuredServers } from "../../src/mcp/named-servers.js";
import { temporaryFolder } from "../support/program.js";

const variables: Record<string, string> = { API_KEY: "sk-0123456789", LINES_KEY: "one-two-three\nfour\n" };
const variable = (name: string): string | undefined => variables[name];

/** What a `.mcp.json` of this text comes to, beside a settings file with these servers. */
async function read(t: TestContext, text: string, servers: Record<string, unknown> | null = null) {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, ".mcp.json"), text);
  return configuredServers({ file: join(folder, "ai_settings.yaml"), servers }, variable);
}

test("what is wrong in .mcp.json, which may be there for others, is told of each server and keeps none of the others", async (t) => {
  const written = {
    good: { command: "x", type: "stdio", alwaysAllow: ["y"], autoApprove: true },
    old: { type: "sse", url: "http://x.example" },
    unset: { command: "x", env: { A: "${NOT_SET_ANYWHERE}" } },
    "a b": { command: "x" },
    elsewhere: { serverUrl: "https://x.example" },
    off: { command: 7, disabled: true },
    port: { command: "x", env: { PORT: 80 } },
    named: { type: "sse", url: "http://x.example" },
    null: null,
  };
  const text = JSON.stringify({ mcpServers: written, inputs: [] });
  const { configs, problems } = await read(t, text, { named: { command: "y" } });
  assert.deepEqual(
    configs.map(({ name }) => name),
    ["named", "good"],
  );
  assert.deepEqual(
    problems.map(({ name }) => name),
    ["old", "unset", "a b", "elsewhere", "port", "null"],
  );
  const said = problems.map(({ problem }) => problem.message).join("\n");
  for (const part of [
    /the transport "sse"/,
    /NOT_SET_ANYWHERE is not set/,
    /must be letters/,
    /either "command"/,
    /env\.PORT must be a text/,
  ])
    assert.match(said, part);
  for (const broken of ["// a comment\n{}", "", "[]", '{"mcpServers":[]}']) {
    const other = await read(t, broken, { named: { command: "y" } });
    assert.equal(other.configs.length, 1);
    assert.match(
      other.problems[0]?.problem.message ?? "",
      /\.mcp\.json must be a JSON object \(without comments\) with "mcpServers"/,
    );
  }
  await assert.rejects(read(t, text, { other: { type: "sse", url: "http://x.example" } }), /the transport "sse"/);
});

test("a header is sent without the white space around it; what none can hold is told without what it says", async (t) => {
  const server = (headers: object) => JSON.stringify({ mcpServers: { web: { url: "https://x.example", headers } } });
  const { configs } = await read(t, server({ "x-key": " ${API_KEY}\n" }));
  assert.deepEqual(configs[0]?.kind === "http" ? configs[0].headers : null, { "x-key": "sk-0123456789" });
  for (const headers of [{ "x-key": "${LINES_KEY}" }, { "x y": "${API_KEY}" }, { "x-key": "\u20ac sk-0123456789" }]) {
    const [wrong] = (await read(t, server(headers))).problems;
    assert.match(
      wrong?.problem.message ?? "",
      /the MCP server "web": headers: (?:"x y" is no name|x-key has a line break)/,
    );
    assert.doesNotMatch(wrong?.problem.message ?? "", /sk-0|one-two/);
  }
});

test("a key in an argument or address is a secret; a person who is asked sees the rest of the line", async (t) => {
  const servers = {
    run: { command: "x", args: ["--key", "${API_KEY}", "-c", "${LINES_KEY}"], timeout: 5_000_000_000 },
    web: { url: "https://x.example/?key=${API_KEY}" },
  };
  const { configs } = await read(t, JSON.stringify({ mcpServers: servers }));
  assert.ok(secretsOf(configs).includes("sk-0123456789"));
  const [run, web] = configs;
  assert.ok(run && web);
  // What is no single word may be a program.
  assert.equal(inWords(run), "run: runs x --key [secret] -c one-two-three\nfour\n");
  assert.equal(inWords(web), "web: asks x.example");
  assert.equal(run.timeoutMs, 2 ** 31 - 1, "what no timer can wait for would end each call at once");
});
