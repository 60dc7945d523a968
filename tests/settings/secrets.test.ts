import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { wantsColor } from "../../src/settings/environment/bare-environment.js";
import { knownSecrets, loadSettings } from "../../src/settings/load.js";
import { secretsIn } from "../../src/settings/environment/secrets.js";
import { temporaryFolder } from "../support/program.js";

test("finds the values of variables whose names speak of keys, tokens, secrets and passwords", () => {
  const environment = {
    OPENAI_API_KEY: "sk-abcdef",
    GITHUB_TOKEN: "ghp_0123456789",
    TW_CONSUMER_SECRET: "consumer-secret",
    REDIS_PASSWORD: "correct horse",
    SD_WEBUI_AUTH: "user:password",
    aws_secret_access_key: "lower case name",
  };
  assert.deepEqual(new Set(secretsIn(environment)), new Set(Object.values(environment)));
});

test("leaves counts, short values, placeholders and names that only contain the letters alone", () => {
  const environment = {
    CONTEXT_TOKENS: "123456789",
    FAST_TOKEN_LIMIT: "123456789",
    KEYBOARD_LAYOUT: "german-layout",
    AUTHOR_NAME: "Somebody Else",
    PRIMARY_KEY: "id",
    GOOGLE_API_KEY: "your-google-api-key",
    OPENAI_API_KEY: "sk",
    EMPTY_TOKEN: "",
    HOME: "/home/somebody",
  };
  assert.deepEqual(secretsIn(environment), []);
});

test("finds passwords inside addresses, as written and decoded", () => {
  assert.deepEqual(secretsIn({ REDIS_URL: "redis://:p%40ssword@localhost:6379/0" }), ["p%40ssword", "p@ssword"]);
  assert.deepEqual(secretsIn({ HTTP_PROXY: "http://user:proxypass@10.0.0.1:3128" }), ["proxypass"]);
  assert.deepEqual(secretsIn({ PLAIN_URL: "http://localhost:8080/a@b" }), []);
});

test("gives each secret once, the longest first, so that none hides part of another", () => {
  assert.deepEqual(secretsIn({ A_KEY: "12345678" }, { B_KEY: "1234567890", C_KEY: "12345678" }), [
    "1234567890",
    "12345678",
  ]);
});

test("knows the secrets of .env and of the environment together", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, ".env"), "OPENAI_API_KEY=sk-in-the-file\nSOME_OTHER_TOKEN=token-in-the-file\n");
  const { secrets } = await loadSettings({ cwd, environment: { OPENAI_API_KEY: "sk-in-the-environment" } });
  assert.deepEqual(secrets, ["sk-in-the-environment", "token-in-the-file", "sk-in-the-file"]);
});

test("decides on colour by FORCE_COLOR, then NO_COLOR, then the terminal", () => {
  const terminal = { isTTY: true };
  assert.equal(wantsColor(terminal, {}), true);
  assert.equal(wantsColor({}, {}), false);
  assert.equal(wantsColor(terminal, { TERM: "dumb" }), false);
  assert.equal(wantsColor(terminal, { NO_COLOR: "1" }), false);
  assert.equal(wantsColor(terminal, { NO_COLOR: "" }), true);
  assert.equal(wantsColor({}, { FORCE_COLOR: "1", NO_COLOR: "1" }), true);
  assert.equal(wantsColor(terminal, { FORCE_COLOR: "0" }), false);
});

test("knows the shorter words for secrets, also at the end of a word, but not the shell's folders", () => {
  const secret = {
    DB_PASS: "value-01",
    DBPASSWD: "value-02",
    GPG_PASSPHRASE: "value-03",
    MYSQL_PWD: "value-04",
    DBPWD: "value-05",
    AWS_CREDENTIAL: "value-06",
    AZURE_CREDENTIALS: "value-07",
    GITHUB_PAT: "value-08",
    JWT: "value-09",
    API_BEARER: "value-10",
    MYAPIKEY: "value-11",
    OPENAI_API_KEY_2: "value-12",
    API_KEY2: "value-13",
  };
  assert.deepEqual(new Set(secretsIn(secret)), new Set(Object.values(secret)));
  const others = {
    PWD: "/home/somebody",
    OLDPWD: "/home/elsewhere",
    PATH: "/usr/bin:/bin",
    GIT_ASKPASS: "/usr/bin/ask",
  };
  assert.deepEqual(secretsIn(others), []);
});

test("what stands in for a key that nobody looks at is no secret, and a key has 8 characters", () => {
  const words = ["ollama", "lm-studio", "LM_STUDIO", "none", "dummy", "test", "sk-dummy", "no-key", "EMPTY", "null"];
  for (const word of [...words, "not-needed", "sk-no-key-required", "localhost", "sk-1234"]) {
    assert.deepEqual(secretsIn({ OPENAI_API_KEY: word, REDIS_PASSWORD: word }), [], word);
  }
  assert.deepEqual(secretsIn({ OPENAI_API_KEY: "sk-12345" }), ["sk-12345"]);
});

test("the secrets to mask are known also where .env cannot be read", async (t) => {
  const cwd = await temporaryFolder(t);
  const environment = { OPENAI_API_KEY: "sk-in-the-environment" };
  // What other tests of this process have fetched stays known in it.
  const fetched = await knownSecrets(cwd, {});
  const known = async () => (await knownSecrets(cwd, environment)).filter((secret) => !fetched.includes(secret));
  await writeFile(join(cwd, ".env"), "SOME_TOKEN=token-in-the-file\nOPENAI_TIMEOUT=soon\n");
  assert.deepEqual(await known(), ["sk-in-the-environment", "token-in-the-file"]);
  await writeFile(join(cwd, ".env"), Buffer.from([0xff]));
  assert.deepEqual(await known(), ["sk-in-the-environment"]);
});
