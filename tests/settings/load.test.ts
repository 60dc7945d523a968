import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { SettingsError } from "../../src/errors.js";
import { loadSettings, withBudget } from "../../src/settings/load.js";
import { requireKey } from "../../src/settings/require-key.js";
import { temporaryFolder } from "../support/program.js";

test("gives the contract's defaults where nothing is set", async (t) => {
  const cwd = await temporaryFolder(t);
  const { settings, sources, secrets } = await loadSettings({ cwd, environment: {} });
  assert.equal(settings.smartModel, "gpt-6.1-terra");
  assert.equal(settings.fastModel, "gpt-6-luna");
  assert.equal(settings.embeddingModel, "text-embedding-3-small");
  assert.equal(settings.openAiBaseUrl, "https://api.openai.com/v1");
  assert.equal(settings.openAiTimeout, 120);
  assert.equal(settings.openAiRetries, 6);
  assert.equal(settings.contextTokens, 24_000);
  assert.equal(settings.memoryBackend, "local");
  assert.equal(settings.memoryIndex, "auto-gpt");
  assert.equal(settings.outputFormat, "text");
  assert.equal(settings.temperature, undefined);
  assert.equal(settings.openAiApiKey, undefined);
  assert.equal(settings.restrictToWorkspace, true);
  assert.equal(settings.home, join(cwd, ".autogpt"));
  assert.equal(sources.smartModel.kind, "default");
  assert.deepEqual(secrets, []);
});

test("lets flags win over the environment, that over .env, that over defaults", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, ".env"), "MEMORY_BACKEND=pinecone\nFAST_LLM_MODEL=from-file\nSMART_LLM_MODEL=from-file\n");
  const environment = { MEMORY_BACKEND: "redis", FAST_LLM_MODEL: "from-environment" };
  const { settings, sources } = await loadSettings({ cwd, environment, flags: { memoryBackend: "no_memory" } });
  assert.equal(settings.memoryBackend, "no_memory");
  assert.equal(settings.fastModel, "from-environment");
  assert.equal(settings.smartModel, "from-file");
  assert.deepEqual(sources.memoryBackend, { kind: "flag", text: "--use-memory" });
  assert.deepEqual(sources.fastModel, { kind: "environment", text: "FAST_LLM_MODEL in the environment" });
  assert.deepEqual(sources.smartModel, { kind: "env-file", text: "SMART_LLM_MODEL in .env, line 3," });
  assert.equal(sources.embeddingModel.kind, "default");
});

test("reads later names of a setting, the older one first", async (t) => {
  const cwd = await temporaryFolder(t);
  const later = { SMART_LLM: "s", FAST_LLM: "f", OPENAI_BASE_URL: "http://127.0.0.1:1/v1/" };
  const one = await loadSettings({ cwd, environment: later });
  assert.equal(one.settings.smartModel, "s");
  assert.equal(one.settings.fastModel, "f");
  assert.equal(one.settings.openAiBaseUrl, "http://127.0.0.1:1/v1");
  const both = await loadSettings({ cwd, environment: { ...later, SMART_LLM_MODEL: "older" } });
  assert.equal(both.settings.smartModel, "older");
});

test("pitfall 80: placeholders and empty values count as unset, wherever they stand", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeFile(
    join(cwd, ".env"),
    "OPENAI_API_KEY=sk-from-the-file\nSMART_LLM_MODEL=\nFAST_LLM_MODEL=your-fast-model\n",
  );
  const environment = { OPENAI_API_KEY: "your-openai-api-key", SMART_LLM_MODEL: " " };
  const { settings } = await loadSettings({ cwd, environment });
  assert.equal(settings.openAiApiKey, "sk-from-the-file");
  assert.equal(settings.smartModel, "gpt-6.1-terra");
  assert.equal(settings.fastModel, "gpt-6-luna");
});

test("pitfall 82: true, 1, yes, on and false, 0, no, off are understood in any case, nothing else is", async (t) => {
  const cwd = await temporaryFolder(t);
  const read = async (word: string) =>
    (await loadSettings({ cwd, environment: { EXECUTE_LOCAL_COMMANDS: word } })).settings.executeLocalCommands;
  for (const word of ["True", "true", "TRUE", "1", "yes", "YES", "On", " true "]) assert.equal(await read(word), true);
  for (const word of ["False", "false", "0", "No", "off"]) assert.equal(await read(word), false);
  for (const word of ["maybe", "2", "truee", "-"])
    await assert.rejects(read(word), {
      name: "SettingsError",
      message: `EXECUTE_LOCAL_COMMANDS in the environment is "${word}", but must be True or False.`,
    });
});

test("names variable, file, line and what was expected in an error", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, ".env"), "# a comment\n\nexport OPENAI_TIMEOUT=soon\n");
  await assert.rejects(loadSettings({ cwd, environment: {} }), (error) => {
    assert.ok(error instanceof SettingsError);
    assert.equal(error.reason, "settings");
    assert.match(error.message, /^OPENAI_TIMEOUT in \.env, line 3, is "soon", but must be a number from/);
    return true;
  });
});

test("refuses values out of range, and says so", async (t) => {
  const cwd = await temporaryFolder(t);
  const wrong: Record<string, string> = {
    TEMPERATURE: "3",
    REASONING_EFFORT: "hard",
    CONTEXT_TOKENS: "0",
    OPENAI_RETRIES: "1.5",
    MEMORY_BACKEND: "weaviate",
    OPENAI_API_BASE_URL: "localhost:8080",
    MEMORY_INDEX: "../outside",
  };
  for (const [name, value] of Object.entries(wrong)) {
    const loading = loadSettings({ cwd, environment: { [name]: value } });
    await assert.rejects(loading, {
      name: "SettingsError",
      message: new RegExp(`^${name} in the environment is .* must be `),
    });
  }
});

test("never shows a key that cannot be used", async (t) => {
  const cwd = await temporaryFolder(t);
  await assert.rejects(loadSettings({ cwd, environment: { OPENAI_API_KEY: "sk-secret with a space" } }), (error) => {
    assert.ok(error instanceof SettingsError);
    assert.doesNotMatch(error.message, /sk-secret/);
    assert.match(error.message, /^OPENAI_API_KEY in the environment has a value that cannot be used/);
    return true;
  });
});

test("refuses RESTRICT_TO_WORKSPACE=False: there is no such mode", async (t) => {
  const cwd = await temporaryFolder(t);
  const loading = loadSettings({ cwd, environment: { RESTRICT_TO_WORKSPACE: "False" } });
  await assert.rejects(loading, { name: "SettingsError", message: /RESTRICT_TO_WORKSPACE .* no other mode/ });
  const { settings } = await loadSettings({ cwd, environment: { RESTRICT_TO_WORKSPACE: "True" } });
  assert.equal(settings.restrictToWorkspace, true);
});

test("pitfall 51: reads .env with a byte order mark, CRLF, quotes, UTF-16 and Chinese", async (t) => {
  const cwd = await temporaryFolder(t);
  const text = '\uFEFFOPENAI_API_KEY="sk-of-the-file"\r\nSMART_LLM_MODEL=模型 # a comment\r\nOPENAI_RETRIES=3\r\n';
  for (const encoding of ["utf8", "utf16le"] as const) {
    await writeFile(join(cwd, ".env"), Buffer.from(text, encoding));
    const { settings } = await loadSettings({ cwd, environment: {} });
    assert.equal(settings.openAiApiKey, "sk-of-the-file");
    assert.equal(settings.smartModel, "模型");
    assert.equal(settings.openAiRetries, 3);
  }
});

test("says that a .env is no UTF-8, or cannot be read", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, ".env"), Buffer.from([0x41, 0x3d, 0xff, 0xfe, 0x80]));
  await assert.rejects(loadSettings({ cwd, environment: {} }), {
    name: "SettingsError",
    message: /\.env is not UTF-8 text/,
  });
  const other = await temporaryFolder(t);
  await mkdir(join(other, ".env"));
  await assert.rejects(loadSettings({ cwd: other, environment: {} }), {
    name: "SettingsError",
    message: /cannot be read/,
  });
});

test("pitfall 83: paths start at the current folder, and ~ is the user's", async (t) => {
  const cwd = await temporaryFolder(t);
  const environment = {
    AUTOGPT_HOME: "~/autogpt-home",
    AI_SETTINGS_FILE: "sub/ai.yaml",
    MODEL_CATALOG: "/etc/models.yaml",
  };
  const { settings } = await loadSettings({ cwd, environment, flags: { workspaceDirectory: "~" } });
  assert.equal(settings.home, join(homedir(), "autogpt-home"));
  assert.equal(settings.aiSettingsFile, join(cwd, "sub", "ai.yaml"));
  assert.equal(settings.modelCatalog, "/etc/models.yaml");
  assert.equal(settings.workspaceDirectory, homedir());
  const tilde = await loadSettings({ cwd, environment: { AUTOGPT_HOME: "~other" } });
  assert.equal(tilde.settings.home, join(cwd, "~other"));
});

test("pitfall 91: two loads in one process do not touch each other or process.env", async (t) => {
  const [one, other] = [await temporaryFolder(t), await temporaryFolder(t)];
  await writeFile(join(one, ".env"), "OPENAI_API_KEY=sk-of-the-first-folder\n");
  await writeFile(join(other, ".env"), "OPENAI_API_KEY=sk-of-the-other-folder\n");
  const before = { ...process.env };
  const loaded = await Promise.all([
    loadSettings({ cwd: one, environment: {} }),
    loadSettings({ cwd: other, environment: {} }),
  ]);
  assert.deepEqual(
    loaded.map(({ settings }) => settings.openAiApiKey),
    ["sk-of-the-first-folder", "sk-of-the-other-folder"],
  );
  assert.deepEqual({ ...process.env }, before);
});

test("does not ask which AI to go on with when a flag names it", async (t) => {
  const cwd = await temporaryFolder(t);
  const skips = async (flags: Parameters<typeof loadSettings>[0]) =>
    (await loadSettings({ cwd, environment: {}, ...flags })).settings.skipReprompt;
  assert.equal(await skips({}), false);
  assert.equal(await skips({ flags: { aiSettingsFile: "x.yaml" } }), true);
  assert.equal(await skips({ flags: { aiName: "X" } }), true);
  assert.equal(await skips({ flags: { aiGoals: ["a"] } }), true);
  assert.equal(await skips({ environment: { AI_SETTINGS_FILE: "x.yaml" } }), false);
});

test("takes the budget of ai_settings.yaml unless a flag gave one", async (t) => {
  const cwd = await temporaryFolder(t);
  const loaded = await loadSettings({ cwd, environment: {} });
  const withFile = withBudget(loaded, 1.5, "ai_settings.yaml");
  assert.equal(withFile.settings.maxCost, 1.5);
  assert.deepEqual(withFile.sources.maxCost, { kind: "ai-settings", text: "api_budget in ai_settings.yaml" });
  assert.equal(withBudget(loaded, undefined, "ai_settings.yaml").settings.maxCost, undefined);
  const flagged = await loadSettings({ cwd, environment: {}, flags: { maxCost: 0.2 } });
  assert.equal(withBudget(flagged, 1.5, "ai_settings.yaml").settings.maxCost, 0.2);
});

test("asks for a key only where OpenAI is asked, and says where to get one", () => {
  const openAi = "https://api.openai.com/v1";
  assert.throws(
    () => requireKey({ openAiApiKey: undefined, openAiBaseUrl: openAi }),
    (error) => {
      assert.ok(error instanceof SettingsError);
      assert.match(error.message, /https:\/\/platform\.openai\.com\/account\/api-keys/);
      assert.match(error.message, /init".*local server.*writes \.env; or set OPENAI_API_KEY/);
      return true;
    },
  );
  assert.throws(
    () => requireKey({ openAiApiKey: undefined, openAiBaseUrl: "https://eu.API.OPENAI.com/v1" }),
    SettingsError,
  );
  requireKey({ openAiApiKey: "sk-something", openAiBaseUrl: openAi });
  requireKey({ openAiApiKey: undefined, openAiBaseUrl: "http://127.0.0.1:8080/v1" });
  requireKey({ openAiApiKey: undefined, openAiBaseUrl: "https://notopenai.com/v1" });
});

test("an address with a user name or a password in it is never shown", async (t) => {
  const cwd = await temporaryFolder(t);
  for (const address of ["redis://:hidden@host", "ftp://hidden@host/v1", "me:hidden@example.com/v1"]) {
    await assert.rejects(loadSettings({ cwd, environment: { OPENAI_API_BASE_URL: address } }), (error) => {
      assert.ok(error instanceof SettingsError);
      assert.doesNotMatch(error.message, /hidden/);
      assert.match(error.message, /^OPENAI_API_BASE_URL in the environment has a value that cannot be used/);
      return true;
    });
  }
});

test("a pipe, a device or more than 1 MB in place of .env is refused at once", async (t) => {
  for (const make of [
    (file: string) => execFileSync("mkfifo", [file]),
    (file: string) => symlinkSync("/dev/zero", file),
    (file: string) => writeFileSync(file, "#".repeat(1_048_577)),
  ]) {
    const cwd = await temporaryFolder(t);
    make(join(cwd, ".env"));
    const loading = loadSettings({ cwd, environment: {} });
    await assert.rejects(loading, { name: "SettingsError", message: /\.env (cannot be read: it is a pipe|is larger)/ });
  }
});

for (const [what, line] of [
  ["comments", "# c\n"],
  ["blank lines", "\n"],
  ["lines of blanks", " \t\r\n"],
] as const) {
  test(`1 MB of ${what} in .env is read in no time, and the line of a value is still right`, async (t) => {
    const cwd = await temporaryFolder(t);
    const lines = Math.floor(1_000_000 / line.length);
    await writeFile(join(cwd, ".env"), `${line.repeat(lines)}OPENAI_TIMEOUT=soon\n`);
    const started = process.cpuUsage();
    const message = new RegExp(`^OPENAI_TIMEOUT in \\.env, line ${lines + 1}, is "soon"`);
    await assert.rejects(loadSettings({ cwd, environment: {} }), { message });
    const { user } = process.cpuUsage(started);
    assert.ok(user < 5_000_000, `${user} µs`);
  });
}

test("BROWSER of the desktop, which names a person's browser, is not taken for ours", async (t) => {
  const cwd = await temporaryFolder(t);
  const browser = async (value: string) =>
    (await loadSettings({ cwd, environment: { BROWSER: value } })).settings.browser;
  assert.equal(await browser("/usr/bin/firefox"), "auto");
  assert.equal(await browser("never"), "never");
  await writeFile(join(cwd, ".env"), "BROWSER=firefox\n");
  await assert.rejects(browser("/usr/bin/firefox"), /BROWSER in \.env, line 1, is "firefox", but must be/);
});
