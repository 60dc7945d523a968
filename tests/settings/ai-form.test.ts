import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { allChecks } from "../../src/goals/index.js";
import { parseAiSettings } from "../../src/settings/ai/parse.js";
import { validatorOf } from "../support/json-schema.js";

const file = (goals: string, more = ""): string => `ai_name: A\nai_role: R\nai_goals:\n${goals}${more}`;
const checked = (check: string): string => file(`  - goal: G\n    checks:\n      - ${check}\n`);
const ruled = (rules: string): string => file("  - G\n", `approve:\n${rules}`);

const taken: Record<string, string> = {
  "plain goals": file("  - One\n  - 'Two: three'\n"),
  "goals that are a number and a truth value": file("  - 7\n  - true\n"),
  "a goal with no checks": file("  - goal: G\n    checks:\n"),
  "a file that has to exist": checked("file_exists: a.md"),
  "a file whose name is a number": checked("file_exists: 2026"),
  "a file with a pattern": checked("file_contains: { file: a.md, pattern: '^#' }"),
  "a command": checked("run: npm test"),
  "a command in full": checked("run: { command: npm test, exit_code: 1, output: ok, timeout: 2.5 }"),
  "a budget": file("  - G\n", "api_budget: 1.50\n"),
  "a budget with its sign": file("  - G\n", "api_budget: $1.50\n"),
  "a budget that is empty": file("  - G\n", "api_budget:\n"),
  "rules for commands": ruled("  google: always\n  '*': ask\n"),
  "rules for calls": ruled("  write_to_file:\n    '*.md': always\n    '*': never\n"),
  "extensions, with a check of one of them": checked("file_sings: a.md").concat(
    "extensions:\n  - ./song.mjs\n  - songs\n",
  ),
  "extensions that are empty": file("  - G\n", "extensions:\n"),
  "a key of another version": file("  - G\n", "of_tomorrow: [1]\n"),
};

const refused: Record<string, string> = {
  "no name": "ai_role: R\nai_goals:\n  - G\n",
  "no goals": "ai_name: A\nai_role: R\n",
  "an empty list of goals": file("", "").replace("ai_goals:\n", "ai_goals: []\n"),
  "a goal that is empty": file("  - ''\n"),
  "a goal with a stranger": file("  - goal: G\n    check: []\n"),
  "too many goals": file("  - G\n".repeat(101)),
  "a name that no check can have": checked("File-Sings: a.md"),
  "extensions that are no list": file("  - G\n", "extensions: ./song.mjs\n"),
  "extensions that are no texts": file("  - G\n", "extensions:\n  - [a]\n"),
  "two checks in one": checked("{ file_exists: a.md, run: ls }"),
  "a check without its pattern": checked("file_contains: { file: a.md }"),
  "a check with a stranger": checked("run: { command: ls, exit: 1 }"),
  "an exit code that is none": checked("run: { command: ls, exit_code: 256 }"),
  "a budget below nothing": file("  - G\n", "api_budget: -1\n"),
  "a rule that decides nothing": ruled("  google: perhaps\n"),
};

for (const [what, text] of Object.entries(taken)) {
  test(`${what}: the program takes it, and it keeps to the schema for editors`, () => {
    assert.equal(parseAiSettings(text, "ai_settings.yaml", allChecks).aiName, "A");
    const validate = validatorOf("goals");
    assert.ok(validate(parse(text)), JSON.stringify(validate.errors));
  });
}

for (const [what, text] of Object.entries(refused)) {
  test(`${what}: the program refuses it, and so does the schema for editors`, () => {
    assert.throws(() => parseAiSettings(text, "ai_settings.yaml", allChecks), /ai_settings\.yaml/);
    assert.equal(validatorOf("goals")(parse(text)), false);
  });
}

test("patterns of protect that fit nothing are refused with their line; brackets and braces are patterns like any other", () => {
  const read = (pattern: string) =>
    parseAiSettings(
      `ai_name: A\nai_role: r\nai_goals:\n  - g\nprotect:\n  - ${JSON.stringify(pattern)}\n`,
      "ai_settings.yaml",
      allChecks,
    );
  for (const pattern of ["!x", "../x", "/", ".", "x".repeat(5000)])
    assert.throws(() => read(pattern), /ai_settings\.yaml, line 6: protect: "/, pattern);
  for (const pattern of ["*", "app/(shop)/**", "*.{pem,key}", "a{b", ".env*"])
    assert.deepEqual(read(pattern).protect, [{ pattern, access: "read-only" }]);
});
