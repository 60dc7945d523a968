import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { loadSettings } from "../../src/settings/load.js";
import { temporaryFolder } from "../support/program.js";

async function put(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

test("the user's own settings come last, and a profile that is named wins over all but flags", async (t) => {
  const home = await temporaryFolder(t);
  const cwd = join(home, "job");
  await put(join(cwd, ".env"), "SMART_LLM_MODEL=of-project\n");
  await put(join(home, ".config/autogpt/.env"), "SMART_LLM_MODEL=own\nFAST_LLM_MODEL=own\nEMBEDDING_MODEL=own\n");
  await put(join(home, ".config/autogpt/profiles/local.env"), "FAST_LLM_MODEL=of-profile\nOPENAI_TIMEOUT=5\n");
  const environment = { HOME: home, OPENAI_TIMEOUT: "7" };
  const plain = await loadSettings({ cwd, environment });
  assert.deepEqual(
    [plain.settings.smartModel, plain.settings.fastModel, plain.settings.openAiTimeout],
    ["of-project", "own", 7],
  );
  assert.deepEqual(plain.sources.fastModel, {
    kind: "user-file",
    text: "FAST_LLM_MODEL in ~/.config/autogpt/.env, line 2,",
  });
  const profiled = await loadSettings({ cwd, environment, flags: { profile: "local", smartModel: "flagged" } });
  assert.deepEqual(
    [profiled.settings.smartModel, profiled.settings.fastModel, profiled.settings.openAiTimeout],
    ["flagged", "of-profile", 5],
  );
  await assert.rejects(loadSettings({ cwd, environment, flags: { profile: "other" } }), /There is no profile "other"/);
  const elsewhere = { HOME: home, XDG_CONFIG_HOME: join(home, "xdg") };
  assert.equal((await loadSettings({ cwd, environment: elsewhere })).sources.fastModel.kind, "default");
});

test("a project's files are found from a folder below, up to its repository's root and no further", async (t) => {
  const top = await temporaryFolder(t);
  const root = join(top, "repo");
  const cwd = join(root, "a/b");
  await mkdir(join(root, ".git"), { recursive: true });
  await mkdir(cwd, { recursive: true });
  await put(join(top, ".env"), "EMBEDDING_MODEL=too-far\n");
  await put(join(root, ".env"), "SMART_LLM_MODEL=found\nMODEL_CATALOG=models.yaml\n");
  await put(join(root, "ai_settings.yaml"), "");
  const { settings, sources } = await loadSettings({ cwd, environment: { HOME: "/nowhere" } });
  assert.equal(sources.smartModel.text, "SMART_LLM_MODEL in ../../.env, line 1,");
  assert.equal(settings.modelCatalog, join(root, "models.yaml"));
  assert.equal(settings.aiSettingsFile, join(root, "ai_settings.yaml"));
  assert.equal(settings.home, join(root, ".autogpt"));
  assert.equal(settings.workspaceDirectory, join(root, "workspace"));
  assert.equal(sources.embeddingModel.kind, "default");
});

test("outside of a repository folders above count only below the user's home", async (t) => {
  const home = await temporaryFolder(t);
  await put(join(home, "job/.env"), "SMART_LLM_MODEL=found\n");
  await put(join(home, ".env"), "FAST_LLM_MODEL=too-far\n");
  await mkdir(join(home, "job/sub"));
  const cwd = join(home, "job/sub");
  const inside = await loadSettings({ cwd, environment: { HOME: home } });
  assert.equal(inside.settings.smartModel, "found");
  assert.equal(inside.sources.fastModel.kind, "default");
  assert.equal((await loadSettings({ cwd, environment: { HOME: "/nowhere" } })).sources.smartModel.kind, "default");
});

test("a key may be the first line of a file, or of what a command writes, and is masked", async (t) => {
  const home = await temporaryFolder(t);
  await put(join(home, "keys/openai"), "sk-of-a-file-1\nmore\n");
  const file = await loadSettings({ cwd: home, environment: { HOME: home, OPENAI_API_KEY_FILE: "~/keys/openai" } });
  assert.equal(file.settings.openAiApiKey, "sk-of-a-file-1");
  assert.ok(file.secrets.includes("sk-of-a-file-1"));
  const environment = { HOME: home, PATH: process.env["PATH"], OPENAI_API_KEY_COMMAND: "echo sk-of-a-command" };
  const command = await loadSettings({ cwd: home, environment });
  assert.equal(command.settings.openAiApiKey, "sk-of-a-command");
  assert.equal(command.sources.openAiApiKey.text, "OPENAI_API_KEY_COMMAND in the environment");
  const both = await loadSettings({ cwd: home, environment: { ...environment, OPENAI_API_KEY: "sk-plain-0001" } });
  assert.equal(both.settings.openAiApiKey, "sk-plain-0001");
});

test("what names a key and does not give one is told by its setting, without what was written", async (t) => {
  const cwd = await temporaryFolder(t);
  const load = (more: Record<string, string>) =>
    loadSettings({ cwd, environment: { HOME: cwd, PATH: process.env["PATH"], ...more } });
  await assert.rejects(
    load({ OPENAI_API_KEY_FILE: "none" }),
    /^SettingsError: OPENAI_API_KEY_FILE in the environment .*not exist/,
  );
  await assert.rejects(load({ OPENAI_API_KEY_COMMAND: "echo hidden-words; exit 3" }), (thrown: Error) => {
    assert.match(thrown.message, /OPENAI_API_KEY_COMMAND in the environment ended with exit code 3/);
    return !thrown.message.includes("hidden");
  });
  await assert.rejects(load({ OPENAI_API_KEY_COMMAND: "echo two words" }), (thrown: Error) => {
    assert.match(thrown.message, /OPENAI_API_KEY_COMMAND .*must be a key/);
    return !thrown.message.includes("two words");
  });
});

test("a project's own .env runs no command, and names no file outside of its folder", async (t) => {
  const home = await temporaryFolder(t);
  const cwd = join(home, "job");
  const load = async (line: string) => {
    await put(join(cwd, ".env"), `${line}\n`);
    return loadSettings({ cwd, environment: { HOME: home } });
  };
  await put(join(home, "secret"), "sk-of-somebody\n");
  await put(join(cwd, "key"), "sk-beside-it-1\n");
  await symlink(join(home, "secret"), join(cwd, "link"));
  await assert.rejects(load("OPENAI_API_KEY_COMMAND='cat ../secret'"), /is a command, and no command/);
  for (const outside of ["~/secret", "../secret", "link"])
    await assert.rejects(load(`OPENAI_API_KEY_FILE=${outside}`), /outside of the folder/);
  assert.equal((await load("OPENAI_API_KEY_FILE=key")).settings.openAiApiKey, "sk-beside-it-1");
});
