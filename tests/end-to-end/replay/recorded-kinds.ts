import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";

import { reply, type RecordedRequest, type Script } from "../../support/services/fake-open-ai.js";
import { startRedis } from "../../support/services/redis-server.js";
import { bubblewrap, needsPrograms, systemPython } from "../../support/services/services.js";
import { scriptedWorld, type World, type WorldOptions } from "../support/scripted-world.js";
import { type RecordedWorld } from "./recorded-runs.js";

const done = reply("task_complete", { reason: "Done." });
const write = (file: string, text: string): string => reply("write_to_file", { file, text });
const read = (file: string): string => reply("read_file", { file });
const shell = (line: string): string => reply("execute_shell", { command_line: line });

type Given = WorldOptions & { args?: readonly string[]; files?: Record<string, string> };

/** A run in a folder that has these files. */
async function recorded(t: TestContext, script: Script, given: Given = {}): Promise<World> {
  const { args = ["-c", "-y"], files = {}, ...options } = given;
  const world = await scriptedWorld(t, script, options);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(world.folder, name)), { recursive: true });
    await writeFile(join(world.folder, name), text);
  }
  const { code, stderr } = await world.run(args);
  assert.equal(code, 0, stderr);
  return world;
}

const kind = (name: string, script: Script, given: Given = {}): RecordedWorld => ({
  name,
  record: (t) => recorded(t, script, given),
});

const someSteps = [write("a.txt", "one\n"), read("a.txt"), reply("search_text", { pattern: "one" }), done];
const unconfined = { EXECUTE_LOCAL_COMMANDS: "True", SANDBOX: "none", ALLOW_UNSANDBOXED_SHELL: "True" };

/** A model that answers with calls of tools as soon as it is given some. */
const calling = ({ body }: RecordedRequest) => {
  if (body?.["tools"] === undefined) return "I would write the note now, shall I?";
  const isFirst = body.messages.filter(({ role }) => role === "assistant").length === 2;
  const call = isFirst
    ? { name: "write_to_file", arguments: JSON.stringify({ file: "a.txt", text: "one" }) }
    : { name: "task_complete", arguments: JSON.stringify({ reason: "done" }) };
  const message = { content: null, tool_calls: [{ index: 0, id: call.name, type: "function", function: call }] };
  return { body: { choices: [{ message, finish_reason: "tool_calls" }] } };
};

const extension = `
import { writeFileSync } from "node:fs";
export const reverse = {
  name: "reverse_text",
  args: { text: "<text>" },
  effect: "nothing",
  run: ({ text }) => [...text].reverse().join("") + Math.random(),
};
export const keep = {
  name: "keep_text",
  args: { text: "<text>" },
  effect: "writes",
  async run({ text }, { workspace }) {
    await workspace.write("kept.txt", text + Math.random());
    return "Kept.";
  },
};
export const luck = { name: "luck", title: (value) => value, run: async () => ({ ok: true, found: String(Math.random()) }) };
`;

const redis: RecordedWorld = {
  name: "memory on Redis",
  async record(t) {
    const server = await startRedis(t);
    if (server === null) return null;
    const place = { REDIS_HOST: "127.0.0.1", REDIS_PORT: String(server.port) };
    const world = await recorded(t, someSteps, { env: { MEMORY_BACKEND: "redis", ...place } });
    await server.kill();
    return world;
  },
};

const sandboxed: RecordedWorld = {
  name: "Python in the sandbox",
  async record(t) {
    if (!(await needsPrograms(t, bubblewrap, systemPython))) return null;
    const program = "import os, random\nopen('made.txt', 'w').write(str(random.random()))\nprint(os.getpid())";
    const script = [write("a.py", program), reply("execute_python_file", { file: "a.py" }), read("made.txt"), done];
    return recorded(t, script, { env: { SANDBOX: "bubblewrap" } });
  },
};

/** A run whose work was taken back, and one that was put back again. */
const undone: RecordedWorld = {
  name: "work that was taken back since",
  async record(t) {
    const world = await recorded(
      t,
      [write("a.txt", "two"), reply("delete_file", { file: "b.txt" }), read("a.txt"), done],
      {
        files: { "workspace/a.txt": "one", "workspace/b.txt": "before" },
      },
    );
    assert.equal((await world.run(["undo"])).code, 0);
    return world;
  },
};

/** The folder itself is the workspace, with the program's own files in it, links, and what is no file. */
const ownFolder: RecordedWorld = {
  name: "the user's own folder as the workspace",
  notAsThen: ["pipe"],
  async record(t) {
    const script = [
      reply("list_files", { directory: "." }),
      read("ai_settings.yaml"),
      read(".env"),
      read(".autogpt/servers.json"),
      read("linked.txt"),
      write("linked.txt", "through the link"),
      read("real.txt"),
      done,
    ];
    const world = await scriptedWorld(t, script);
    const at = (name: string): string => join(world.folder, name);
    await writeFile(at(".env"), "OTHER=1\n");
    await writeFile(at("real.txt"), "real");
    await symlink(at("real.txt"), at("linked.txt"));
    execFileSync("mkfifo", [at("pipe")]);
    const { code, stderr } = await world.run(["-c", "-y", "-w", "."]);
    assert.equal(code, 0, stderr);
    return world;
  },
};

const azure: RecordedWorld = {
  name: "Azure, by its file of settings",
  async record(t) {
    const world = await scriptedWorld(t, [write("a.txt", "one"), done], {
      env: { USE_AZURE: "True", OPENAI_API_KEY: "azure-key-0001" },
    });
    const lines = [
      `azure_api_base: ${world.server.url.replace("/v1", "")}`,
      "azure_api_version: 2024-10-21",
      "azure_model_map:",
      "  fast_llm_model_deployment_id: fast-one",
      "  smart_llm_model_deployment_id: smart-one",
      "  embedding_model_deployment_id: embed-one",
    ];
    await writeFile(join(world.folder, "azure.yaml"), lines.map((line) => `${line}\n`).join(""));
    const { code, stderr } = await world.run(["-c"]);
    assert.equal(code, 0, stderr);
    return world;
  },
};

const skill = {
  ".agents/skills/fill-forms/SKILL.md": "---\nname: fill-forms\ndescription: Fills forms\n---\n# How\n\nWith care.\n",
  ".agents/skills/fill-forms/scripts/fill.py": "print('filled')\n",
};

/** Kinds of runs that reach outside in ways of their own. */
export const recordedKinds: readonly RecordedWorld[] = [
  kind("the Responses API", someSteps, { env: { OPENAI_API: "responses" } }),
  kind("answers that do not stream", someSteps, { args: ["-c", "-y", "--output-format", "json"] }),
  kind("native calls of tools", calling),
  kind("skills", [reply("use_skill", { name: "fill-forms", copy_to: "tools" }), read("tools/scripts/fill.py"), done], {
    files: skill,
  }),
  kind(
    "commands and checks of an extension",
    [reply("reverse_text", { text: "stressed" }), reply("keep_text", { text: "kept" }), read("kept.txt"), done],
    {
      args: ["-y", "-c", "--trust-extensions"],
      files: { "more.mjs": extension },
      ai: { goals: [{ goal: "Lucky", checks: [{ luck: "much" }] }], more: "extensions:\n  - ./more.mjs\n" },
    },
  ),
  kind(
    "a picture, by a name that nobody could foresee",
    [reply("generate_image", { prompt: "A heron in the water" }), reply("list_files", { directory: "." }), done],
    { env: { OPENAI_API_KEY: "sk-test-key-of-the-run", IMAGE_SIZE: "256" } },
  ),
  undone,
  ownFolder,
  azure,
  kind(
    "programs whose changes are not kept",
    [shell("date +%N > clock.txt"), reply("list_files", { directory: "." }), done],
    {
      env: { ...unconfined, SNAPSHOTS: "off" },
    },
  ),
  redis,
  sandboxed,
];
