import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parseEnvFile, readEnvFile } from "../../src/settings/environment/env-file.js";
import { writeEnvironmentFile } from "../../src/settings/environment/write-env.js";
import { loadSettings } from "../../src/settings/load.js";
import { temporaryFolder } from "../support/program.js";
import fc from "../support/properties.js";

test("a # within a value is part of it, as in shells and in the Python original; behind white space it begins a comment", async () => {
  const cases: [line: string, value: string][] = [
    ["A=pa#ss", "pa#ss"],
    ["A=a#b#c", "a#b#c"],
    ["A=a#b # c", "a#b"],
    ["A=a # b#c", "a"],
    ["A=a\t#c", "a"],
    ["A=# nothing", ""],
    ["A= # nothing", ""],
    ["A='a # b' # c", "a # b"],
    ['A="a#b"#c', "a#b"],
    ["export A = it's#1 `x`", "it's#1 `x`"],
    ["A=a#b\r", "a#b"],
  ];
  for (const [line, value] of cases) {
    const { values } = await parseEnvFile(`BEFORE=1\n${line}\nBEHIND=2\n`);
    assert.deepEqual({ ...values }, { BEFORE: "1", A: value, BEHIND: "2" }, line);
  }
  assert.equal((await parseEnvFile('A="\nB=x#y\n"\n')).values["A"], "\nB=x#y\n");
});

test("a value that is not what it was meant to be is named with its line, and no part of it is shown", async (t) => {
  const cwd = await temporaryFolder(t);
  const cases: [text: string, message: RegExp][] = [
    ['OPENAI_API_KEY="sk-abc\n', /^OPENAI_API_KEY in \.env, line 2, cannot be used: its opening " is never closed/],
    ["OPENAI_API_KEY='sk-abc\n", /line 2, cannot be used: its opening ' is never closed/],
    ['OPENAI_API_KEY="sk-abc" "\n', /line 2, cannot be used: something stands behind its closing "/],
    ["OPENAI_API_KEY=“sk-abc”\n", /line 2, cannot be used: it begins with a typographic quote/],
    ['REDIS_PASSWORD="sk-abc\nREDIS_HOST="x"\n', /REDIS_PASSWORD in \.env, line 2, cannot be used: something|never/],
    ['OPENAI_API_KEY="sk-abc\nSMART_LLM_MODEL=m\nX="\n', /line 2, .* opening quote is closed some lines below/],
  ];
  for (const [text, message] of cases) {
    await writeFile(join(cwd, ".env"), `# mine\n${text}`);
    await assert.rejects(loadSettings({ cwd, environment: {} }), (thrown: Error) => {
      assert.equal(thrown.name, "SettingsError");
      assert.match(thrown.message, message);
      assert.doesNotMatch(thrown.message, /abc/);
      return true;
    });
  }
  const quoted = loadSettings({ cwd: join(cwd, "none"), environment: { OPENAI_API_KEY: '"sk-abc"' } });
  await assert.rejects(quoted, { message: /OPENAI_API_KEY in the environment has a value .* key without quotes/ });
});

test("what counts for nothing in .env, or is read as it stands, is warned of with its line", async (t) => {
  const cwd = await temporaryFolder(t);
  const text = "REDIS_HOST=${HOST_NAME}\nOTHER='${kept}'\nOPENAI_API_KEY sk-secret\n\n# fine\nMINE=\"open\nFINE=1\n";
  await writeFile(join(cwd, ".env"), text);
  const { settings, warnings } = await loadSettings({ cwd, environment: {} });
  assert.equal(settings.redisHost, "${HOST_NAME}");
  assert.deepEqual(
    warnings.map((warning) => warning.slice(0, 35)),
    [
      ".env, line 1: ${…} in REDIS_HOST is",
      ".env, line 3: this is no NAME=value",
      ".env, line 6: the value of MINE is ",
    ],
  );
  assert.doesNotMatch(warnings.join(), /sk-secret|open\b(?!ing)/);
});

test("every value that init writes reads back the same, and so does all that stood there before; else it is refused", async (t) => {
  const file = join(await temporaryFolder(t), ".env");
  const pieces = ["'", '"', "`", "\\", "\\n", "#", " #", "${A}", "=", " ", "a", "€", "\t", "C:\\new"];
  const value = fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: "grapheme" })), { maxLength: 5 })
    .map((parts) => parts.join(""));
  const before = "# mine\nONE='it is'\nTWO=\"a\nb\"\nNAME='old\nvalue'\nLAST=x#y\n";
  let written = 0;
  await fc.assert(
    fc.asyncProperty(value, async (text) => {
      await writeFile(file, before);
      try {
        await writeEnvironmentFile(file, { NAME: text, NEW: "n" });
      } catch (thrown) {
        assert.match((thrown as Error).message, /^\.env cannot hold this value of NAME/);
        assert.match(text, /[\r\n\\\u2028\u2029]|^\s|\s$|'[^]*"|"[^]*'|'[^]*`|`[^]*'|"[^]*`|`[^]*"/);
        assert.equal(await readFile(file, "utf8"), before);
        return;
      }
      written += 1;
      const { values } = await readEnvFile(file);
      assert.deepEqual({ ...values }, { ONE: "it is", TWO: "a\nb", NAME: text, LAST: "x#y", NEW: "n" });
    }),
    { numRuns: 300 },
  );
  assert.ok(written > 150, `${written} of 300 written`);
  for (const text of [`it's "q"`, "it's C:\\new", 'say "a" `b`', "a\\"]) {
    await writeEnvironmentFile(file, { NAME: text });
    assert.equal((await readEnvFile(file)).values["NAME"], text);
  }
});
