import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSkill } from "../../src/instructions/skills/parse-skill.js";

const file = "/skills/fill-forms/SKILL.md";
const parse = (...lines: string[]) => parseSkill(lines.join("\n"), file, "fill-forms");
const good = ["name: fill-forms", "description: Fills in forms. Use it for PDF files."];

test("a skill that conforms is read without a word, with each field that the specification has, CRLF and a BOM", () => {
  const further = [
    "license: MIT",
    "compatibility: Needs Python",
    "metadata:",
    "  version: 1.0",
    "allowed-tools: read_file Bash(git:*)",
  ];
  const text = ["---", ...good, ...further, "---", "", "# Forms", "---", "Rest."].join("\r\n");
  assert.deepEqual(parseSkill(`\uFEFF${text}`, file, "fill-forms"), {
    skill: {
      name: "fill-forms",
      description: "Fills in forms. Use it for PDF files.",
      body: "# Forms\n---\nRest.",
    },
    problems: [],
  });
  assert.equal(parse("---", ...good, "---").skill?.body, "");
  assert.equal(parseSkill("---\nname: büro-2\ndescription: x\n---\n", file, "büro-2").problems.length, 0);
});

test("what the specification does not allow is named with its line, and the skill cannot be used", () => {
  const cases: [string[], RegExp][] = [
    [["# No fields"], /line 1: it must begin with a line ---/],
    [["---", ...good], /line 1: it must begin with a line ---/],
    [["", "---", ...good, "---"], /line 1: it must begin/],
    [
      ["---", "name: fill-forms", "description: Use it: always", "---"],
      /line 3: this is not valid YAML .*needs quotes/,
    ],
    [["---", "name: fill-forms", "name: fill-forms", "description: x", "---"], /line 3: this is not valid YAML/],
    [["---", "- a", "---"], /line 2: name: and description: were expected/],
    [["---", "---"], /line 2: name: and description: were expected/],
    [["---", "name: fill-forms", "---"], /line 2: description is missing\./],
    [["---", "description: x", "---"], /line 2: name is missing\./],
    [["---", "name: fill-forms", "description:", "---"], /line 3: description must be text\./],
    [["---", "name: fill-forms", 'description: "  "', "---"], /line 3: description must not be empty\./],
    [["---", "description: x", "name: 12", "---"], /line 3: name must be text\./],
    [["---", "name: other", "description: x", "---"], /line 2: name must be that of its folder, "fill-forms"\./],
    [["---", "name: fill-forms", `description: ${"x".repeat(1025)}`, "---"], /line 3: .* at most 1024 characters\./],
    ...["Fill-forms", "-fill", "fill-", "fill--forms", "fill_forms", "fill forms", "x".repeat(65)].map(
      (name): [string[], RegExp] => [["---", `name: ${name}`, "description: x", "---"], /line 2: name must /],
    ),
  ];
  for (const [lines, problem] of cases) {
    const { skill, problems } = parse(...lines);
    assert.equal(skill, null, lines.join("|"));
    assert.match(problems[0] ?? "", problem, lines.join("|"));
    assert.ok(problems.every((one) => one.startsWith(`${file}, line `)));
  }
});

test("a field that is wrong or unknown, and that nothing depends on, is named, and the skill can be used", () => {
  const { skill, problems } = parse(
    "---",
    ...good,
    "license: [MIT]",
    `compatibility: ${"x".repeat(501)}`,
    "metadata: 3",
    "allowed-tools:",
    "  - read_file",
    "model: fast",
    "---",
    "Do it.",
  );
  assert.equal(skill?.body, "Do it.");
  assert.deepEqual(
    problems.map((problem) => problem.slice(file.length + 2)),
    [
      "line 4: license must be text.",
      "line 5: compatibility must have at most 500 characters.",
      "line 6: metadata must be names with a text each.",
      "line 7: allowed-tools must be text, with spaces between the names.",
      'line 9: "model" is no field of a skill, and is passed over.',
    ],
  );
});

test("a few lines of YAML that would become gigabytes are refused", () => {
  const layers = Array.from({ length: 12 }, (_, layer) => {
    const below = layer === 0 ? '"x"' : `*a${layer - 1}`;
    return `a${layer}: &a${layer} [${Array(9).fill(below).join(", ")}]`;
  });
  const { skill, problems } = parse("---", ...good, ...layers, "---");
  assert.equal(skill, null);
  assert.match(problems[0] ?? "", /aliases stand for more than a skill may say/);
});
