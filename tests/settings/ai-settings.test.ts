import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmod, lstat, mkdir, readFile, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import * as z from "zod";
import { allChecks } from "../../src/goals/index.js";
import * as aiSettings from "../../src/settings/ai/ai-settings.js";
import { type AiSettings } from "../../src/settings/ai/ai.js";
import { temporaryFolder } from "../support/program.js";
import fc from "../support/properties.js";
import { sourceLoader } from "../support/source-loader.js";

const readAiSettings = (file: string) => aiSettings.readAiSettings(file, allChecks);
const writeAiSettings = (file: string, ai: Omit<AiSettings, "apiBudget">) =>
  aiSettings.writeAiSettings(file, ai, allChecks);

async function write(t: TestContext, text: string | Buffer): Promise<string> {
  const file = join(await temporaryFolder(t), "ai_settings.yaml");
  await writeFile(file, text);
  return file;
}
const read = async (t: TestContext, text: string | Buffer): Promise<AiSettings | null> =>
  readAiSettings(await write(t, text));
const goals = async (t: TestContext, list: string): Promise<unknown> =>
  (await read(t, `ai_name: A\nai_role: R\nai_goals:\n${list}`))?.goals.map(({ goal, checks }) =>
    checks.length === 0 ? goal : { goal, checks },
  );

test("reads the example of the contract", async (t) => {
  const file = `ai_name: Researcher
ai_role: an AI that writes short, sourced reports
ai_goals:
  - Collect what is known about X        # plain text, as in the original
  - goal: Write it down in report.md      # or with checks that the program runs itself
    checks:
      - file_exists: report.md
      - file_contains: { file: report.md, pattern: "## Sources" }   # a regular expression
      - run: "wc -w < report.md | awk '$1 < 200 { exit 1 }'"         # exit 0 passes; in the sandbox
api_budget: 1.50                          # US dollars
`;
  assert.deepEqual(await read(t, file), {
    aiName: "Researcher",
    aiRole: "an AI that writes short, sourced reports",
    goals: [
      { goal: "Collect what is known about X", checks: [] },
      {
        goal: "Write it down in report.md",
        checks: [
          { file_exists: "report.md" },
          { file_contains: { file: "report.md", pattern: "## Sources" } },
          { run: "wc -w < report.md | awk '$1 < 200 { exit 1 }'" },
        ],
      },
    ],
    apiBudget: 1.5,
  });
});

test("is null where there is no file", async (t) => {
  assert.equal(await readAiSettings(join(await temporaryFolder(t), "ai_settings.yaml")), null);
});

test("pitfall 84: goals with colons stay the text they are", async (t) => {
  const list = `- Research: find out about X
- Title:
- "Quoted: text"
- Compare: this with that: twice # and a comment
- Visit http://example.com/a:b, then stop
- { flow: map }
- Time 10:30
`;
  assert.deepEqual(await goals(t, list), [
    "Research: find out about X",
    "Title:",
    "Quoted: text",
    "Compare: this with that: twice",
    "Visit http://example.com/a:b, then stop",
    "{ flow: map }",
    "Time 10:30",
  ]);
  assert.deepEqual(await goals(t, "- Step: one # comment\n- next"), ["Step: one", "next"]);
});

test("reads numbers, dates and truth values as the text they were", async (t) => {
  const list = "- 1.0\n- 007\n- 0x1F\n- True\n- yes\n- 2023-04-01\n- 1e3\n";
  assert.deepEqual(await goals(t, list), ["1.0", "007", "0x1F", "True", "yes", "2023-04-01", "1e3"]);
  const ai = await read(t, "ai_name: 007\nai_role: 1.50\nai_goals: [x]\n");
  assert.deepEqual([ai?.aiName, ai?.aiRole], ["007", "1.50"]);
});

test("takes more than five goals, block text and aliases", async (t) => {
  const list = "- &first one\n- *first\n- |\n  two\n  lines\n- >-\n  folded\n  text\n- plain\n  continued\n- six\n";
  assert.deepEqual(await goals(t, list), ["one", "one", "two\nlines", "folded text", "plain continued", "six"]);
});

test("reads every form of a run check", async (t) => {
  const list = `- goal: build it
  checks:
    - run: make
    - run: { command: make test, exit_code: 0, output: passed, timeout: 30 }
    - run:
        command: "true"
`;
  assert.deepEqual(await goals(t, list), [
    {
      goal: "build it",
      checks: [
        { run: "make" },
        { run: { command: "make test", exit_code: 0, output: "passed", timeout: 30 } },
        { run: { command: "true" } },
      ],
    },
  ]);
});

test("a check's value is text, number or truth value as its schema has it, whatever YAML would take it for", async (t) => {
  const file = await write(
    t,
    `ai_name: A
ai_role: R
ai_goals:
- goal: measure
  checks:
    - sized: { file: 007, atLeast: 3, share: "-0.5", exact: True, names: [1, yes] }
    - sized: 12
`,
  );
  const value = z.strictObject({
    file: z.string(),
    atLeast: z.int(),
    share: z.number(),
    exact: z.boolean(),
    names: z.array(z.union([z.boolean(), z.string()])),
  });
  const ai = await aiSettings.readAiSettings(file, [{ name: "sized", value: z.union([z.int(), value]) }]);
  assert.deepEqual(ai?.goals[0]?.checks, [
    { sized: { file: "007", atLeast: 3, share: -0.5, exact: true, names: ["1", "yes"] } },
    { sized: 12 },
  ]);
});

test("pitfall 51: reads a byte order mark, CRLF, UTF-16, Chinese and emoji", async (t) => {
  const text =
    "\uFEFFai_name: 我是GPT\r\nai_role: LangChain如何使用\r\nai_goals:\r\n- 所有的问题都用中文回答\r\n- zażółć 👩‍💻\r\n";
  for (const encoding of ["utf8", "utf16le"] as const)
    assert.deepEqual(await read(t, Buffer.from(text, encoding)), {
      aiName: "我是GPT",
      aiRole: "LangChain如何使用",
      goals: ["所有的问题都用中文回答", "zażółć 👩‍💻"].map((goal) => ({ goal, checks: [] })),
      apiBudget: undefined,
    });
});

test("has no limit where api_budget is 0 or absent", async (t) => {
  const budget = async (line: string) => (await read(t, `ai_name: A\nai_role: R\nai_goals: [x]\n${line}\n`))?.apiBudget;
  assert.equal(await budget(""), undefined);
  assert.equal(await budget("api_budget: 0.0"), undefined);
  assert.equal(await budget("api_budget:"), undefined);
  assert.equal(await budget("api_budget: 2"), 2);
  assert.equal(await budget("api_budget: $0.25"), 0.25);
});

const head = "ai_name: A\nai_role: R\nai_goals:\n";
const mistakes: [title: string, text: string, message: RegExp][] = [
  ["an empty file", "", /ai_settings\.yaml: the file is empty; it needs ai_name, ai_role and ai_goals/],
  ["only comments", "# nothing here\n", /the file is empty/],
  ["a list at the top", "- a\n- b\n", /, line 1: ai_name, ai_role and ai_goals were expected/],
  ["a text at the top", "hello\n", /, line 1: ai_name, ai_role and ai_goals were expected/],
  ["broken YAML", 'ai_name: "A\nai_role: R\n', /line \d+: this is not valid YAML .* needs quotes/],
  ["a key twice", "ai_name: A\nai_name: B\n", /line 2: .* ai_name stands on line 1 already/],
  ["no name", "ai_role: R\nai_goals: [x]\n", /ai_name is missing/],
  ["an empty name", "ai_role: R\nai_name:\nai_goals: [x]\n", /line 2: ai_name is missing/],
  ["a list as name", "ai_name: [A]\nai_role: R\nai_goals: [x]\n", /line 1: ai_name must be some text/],
  ["no role", "ai_name: A\nai_goals: [x]\n", /ai_role is missing/],
  ["no goals", "ai_name: A\nai_role: R\n", /ai_goals must be a list with at least one goal/],
  ["an empty list of goals", "ai_name: A\nai_role: R\nai_goals: []\n", /line 3: ai_goals must be a list/],
  ["text instead of a list", "ai_name: A\nai_role: R\nai_goals: text\n", /line 3: ai_goals must be a list/],
  ["an empty goal", `${head}- one\n-\n`, /line 5: a goal is empty/],
  ["a list as goal", `${head}- [a, b]\n`, /line 4: a goal must be some text/],
  ["a check without its goal", `${head}- file_exists: a\n`, /line 4: a goal must be some text, or goal with checks/],
  ["a misspelled goal", `${head}- gaol: a\n  checks: []\n`, /line 4: a goal must be some text, or goal with checks/],
  [
    "a stranger beside goal",
    `${head}- goal: a\n  chekcs: []\n`,
    /line 4: a goal has goal, checks and protects, but not "chekcs"/,
  ],
  ["checks that are no list", `${head}- goal: a\n  checks: b\n`, /line 5: checks must be a list/],
  [
    "an unknown check",
    `${head}- goal: a\n  checks:\n    - file_exist: b\n`,
    new RegExp(
      `line 6: each check must be exactly one of ${allChecks.map(({ name }) => name).join(", ")}, but here is file_exist\\.`,
    ),
  ],
  [
    "two checks in one",
    `${head}- goal: a\n  checks:\n    - file_exists: b\n      run: c\n`,
    /line 6: each check must be exactly one of .* but here is file_exists with run/,
  ],
  [
    "a check named like a property of every object",
    `${head}- goal: a\n  checks: [{ constructor: b }]\n`,
    /exactly one of/,
  ],
  [
    "an empty file name",
    `${head}- goal: a\n  checks:\n    - file_exists: ""\n`,
    /line 6: file_exists must not be empty/,
  ],
  [
    "a pattern that does not compile",
    `${head}- goal: a\n  checks:\n    - file_contains: { file: b, pattern: "(" }\n`,
    /line 6: file_contains: pattern is no regular expression: .*group/,
  ],
  [
    "a check without its pattern",
    `${head}- goal: a\n  checks:\n    - file_contains: { file: b }\n`,
    /line 6: file_contains: pattern /,
  ],
  [
    "an unknown part of a run check",
    `${head}- goal: a\n  checks: [{ run: { command: b, exit: 1 } }]\n`,
    /line 5: run must be/,
  ],
  [
    "an empty command of a run check",
    `${head}- goal: a\n  checks: [{ run: { command: "" } }]\n`,
    /line 5: run: command must not be empty/,
  ],
  [
    "an exit code that is none",
    `${head}- goal: a\n  checks: [{ run: { command: b, exit_code: 256 } }]\n`,
    /line 5: run: exit_code must be a whole number from 0 to 255/,
  ],
  [
    "an output pattern that does not compile",
    `${head}- goal: a\n  checks: [{ run: { command: b, output: "(" } }]\n`,
    /line 5: run: output is no regular expression/,
  ],
  ["a negative budget", `${head}- x\napi_budget: -1\n`, /line 5: api_budget must be US dollars/],
  ["a budget in words", `${head}- x\napi_budget: plenty\n`, /line 5: api_budget must be US dollars/],
  ["an endless budget", `${head}- x\napi_budget: .inf\n`, /line 5: api_budget must be US dollars/],
];
for (const [title, text, message] of mistakes)
  test(`pitfall 84: names file, line and what was expected for ${title}`, async (t) => {
    await assert.rejects(read(t, text), (error: Error) => {
      assert.equal(error.name, "SettingsError");
      assert.match(error.message, message);
      assert.match(error.message, /ai_settings\.yaml/);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });
  });

test("writes a new file that reads back the same, in the order name, role, goals", async (t) => {
  const file = join(await temporaryFolder(t), "ai_settings.yaml");
  const ai = {
    aiName: "我是GPT",
    aiRole: "an AI: with colons # and more",
    goals: [
      { goal: "Key: value", checks: [] },
      { goal: "checked", checks: [{ file_contains: { file: "a", pattern: "^\\d+$" } }] },
    ],
  };
  await writeAiSettings(file, ai);
  assert.deepEqual(await readAiSettings(file), { ...ai, apiBudget: undefined });
  assert.match(await readFile(file, "utf8"), /^ai_name: 我是GPT\nai_role: .*\nai_goals:\n/);
});

test("keeps comments, other keys and unchanged goals when it saves", async (t) => {
  const before = `# my settings
ai_name: Old # the name
# what it is
ai_role: old role
ai_goals:
  # the first
  - one
  - two: with colon # kept as it is
  # the third
  - three
# money
api_budget: 1.50
my_own: { key: 0x10 }
`;
  const file = await write(t, before);
  const goals = ["one", "two: with colon", "third, changed", "four"].map((goal) => ({ goal, checks: [] }));
  await writeAiSettings(file, { aiName: "New", aiRole: "old role", goals });
  const expected = before.replace("ai_name: Old", "ai_name: New").replace("- three", "- third, changed\n  - four");
  assert.equal(await readFile(file, "utf8"), expected);
  assert.equal((await readAiSettings(file))?.apiBudget, 1.5);
});

test("keeps CRLF line ends and the file's permissions, and writes through a symbolic link", async (t) => {
  const folder = await temporaryFolder(t);
  const [file, link] = [join(folder, "real.yaml"), join(folder, "ai_settings.yaml")];
  await writeFile(file, "# c\r\nai_name: A\r\nai_role: R\r\nai_goals:\r\n  - x\r\n");
  await chmod(file, 0o640);
  await symlink(file, link);
  await writeAiSettings(link, { aiName: "B", aiRole: "R", goals: [{ goal: "x", checks: [] }] });
  assert.equal(await readFile(file, "utf8"), "# c\r\nai_name: B\r\nai_role: R\r\nai_goals:\r\n  - x\r\n");
  assert.ok((await lstat(link)).isSymbolicLink());
  if (process.platform !== "win32") assert.equal((await stat(file)).mode & 0o777, 0o640);
  assert.deepEqual((await readdir(folder)).toSorted(), ["ai_settings.yaml", "real.yaml"]);
});

test("leaves nothing behind, and says why, when it cannot write", async (t) => {
  const folder = await temporaryFolder(t);
  const ai = { aiName: "A", aiRole: "R", goals: [{ goal: "x", checks: [] }] };
  const missing = join(folder, "no", "ai_settings.yaml");
  await assert.rejects(writeAiSettings(missing, ai), { name: "SettingsError", message: /cannot be written/ });
  await mkdir(join(folder, "ai_settings.yaml"));
  await assert.rejects(writeAiSettings(join(folder, "ai_settings.yaml"), ai), { name: "SettingsError" });
  assert.deepEqual(await readdir(folder), ["ai_settings.yaml"]);
});

test("does not overwrite a file that is something else", async (t) => {
  const file = await write(t, "- a list\n");
  const ai = { aiName: "A", aiRole: "R", goals: [{ goal: "x", checks: [] }] };
  await assert.rejects(writeAiSettings(file, ai), { name: "SettingsError", message: /out of the way/ });
  assert.equal(await readFile(file, "utf8"), "- a list\n");
});

test("reads back any texts that it wrote, over whatever stood there before", async (t) => {
  const runs = process.env["AUTOGPT_TEST_LONG"] ? 1000 : 100;
  const file = join(await temporaryFolder(t), "ai_settings.yaml");
  const pieces = [
    "- ",
    ": ",
    " #",
    "'",
    '"',
    "\n",
    "\t",
    "~",
    "null",
    "yes",
    "[",
    "{",
    "&a",
    "*a",
    "!",
    "|",
    "%",
    "@",
    "`",
    "中",
    "👩‍💻",
    "\\",
    "0x1",
  ];
  const line = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: "grapheme" })), {
    minLength: 1,
    maxLength: 6,
  });
  const text = line.map((parts) => parts.join("").trim()).filter((joined) => joined !== "");
  const goal = text.map((one) => ({ goal: one, checks: [] }));
  const ai = fc.record({ aiName: text, aiRole: text, goals: fc.array(goal, { minLength: 1, maxLength: 7 }) });
  await fc.assert(
    fc.asyncProperty(ai, async (one) => {
      await writeAiSettings(file, one);
      assert.deepEqual(await readAiSettings(file), { ...one, apiBudget: undefined });
    }),
    { numRuns: runs },
  );
  t.diagnostic(`${runs} settings written and read back`);
});

/** What is read from a pipe that this shell command writes to: the AI as JSON, or the message of the error. */
function readPiped(command: string): string {
  const module = new URL("../../src/settings/ai/ai-settings.ts", import.meta.url).href;
  const script = `import { readAiSettings } from ${JSON.stringify(module)};
    process.stdout.write(await readAiSettings("/dev/stdin", []).then(JSON.stringify, (error) => error.message));`;
  const node = '"$0" --import "$2" --input-type=module -e "$1"';
  return execFileSync("sh", ["-c", `${command} | ${node}`, process.execPath, script, sourceLoader], {
    encoding: "utf8",
  });
}

test("takes a pipe, waits for what is written to it, and reads no more than 1 MB", () => {
  const text = "ai_name: A\\nai_role: B\\nai_goals:\\n  - C\\n";
  const ai = { aiName: "A", aiRole: "B", goals: [{ goal: "C", checks: [] }] };
  assert.deepEqual(JSON.parse(readPiped(`(sleep 1; printf '${text}')`)), ai);
  assert.match(readPiped("cat /dev/zero"), /larger than 1 MB/);
});

test("does not wait for a pipe that nobody writes to, nor read a device", async (t) => {
  const file = join(await temporaryFolder(t), "pipe");
  execFileSync("mkfifo", [file]);
  await assert.rejects(readAiSettings(file), { name: "SettingsError", message: /is empty/ });
  await assert.rejects(readAiSettings("/dev/zero"), { name: "SettingsError", message: /a device/ });
});

test("refuses more than 100 goals, and a budget without end", async (t) => {
  const file = join(await temporaryFolder(t), "ai_settings.yaml");
  const write = (goals: number, budget: string) =>
    writeFile(file, `ai_name: A\nai_role: B\nai_goals:\n${"  - C\n".repeat(goals)}api_budget: ${budget}\n`);
  await write(100, "1");
  assert.equal((await readAiSettings(file))?.goals.length, 100);
  await write(101, "1");
  await assert.rejects(readAiSettings(file), { name: "SettingsError", message: /line 4: ai_goals has 101 goals/ });
  await write(1, "9".repeat(400));
  await assert.rejects(readAiSettings(file), { name: "SettingsError", message: /api_budget is too large/ });
});

test("what may be read in another way stands in double quotes, and the Python original reads it the same", async (t) => {
  const file = join(await temporaryFolder(t), "ai_settings.yaml");
  const odd = [
    "=",
    "<<",
    "a\ttab",
    "no",
    "Off",
    "12:30",
    "1_000",
    "2023-04-01",
    "1e3",
    ".5",
    "a: b",
    "a #b",
    "x\u0085y",
    "p\u2028q",
  ];
  const goals = [...odd, "- x", "@all", "%a", "`b`", "!c", "&d", "*e", "|", "?", "é \u{1f600}", "\u007f"].map(
    (goal) => ({ goal, checks: [] }),
  );
  await writeAiSettings(file, { aiName: "no", aiRole: "plain, it's (fine).", goals });
  assert.deepEqual((await readAiSettings(file))?.goals, goals);
  const text = await readFile(file, "utf8");
  assert.match(text, /^ai_name: "no"\nai_role: plain, it's \(fine\)\.\nai_goals:\n {2}- "="\n/);
  assert.doesNotMatch(text, /[\u007f-\u009f\u2028]/);
  const python = spawnSync(
    "python3",
    ["-c", "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)['ai_goals']))"],
    { input: text },
  );
  if (python.status !== 0) return t.diagnostic("PyYAML is not here to compare with");
  assert.deepEqual(
    JSON.parse(String(python.stdout)),
    goals.map(({ goal }) => goal),
  );
});

test("a # directly before a word is part of a text; behind it a comment begins with a space, and a doubtful one is noted", async (t) => {
  const text = (list: string) => `ai_name: Fixer #1\nai_role: closes #12 and #13 # quickly\nai_goals:\n${list}`;
  const ai = await read(
    t,
    text("- Fix issue #12 and close it\n- Tag: #one #two\n- '#x' # y\n- C # is a language\n- set off  # from it\n"),
  );
  assert.deepEqual(ai && [ai.aiName, ai.aiRole, ...ai.goals.map(({ goal }) => goal)], [
    "Fixer #1",
    "closes #12 and #13",
    "Fix issue #12 and close it",
    "Tag: #one #two",
    "#x",
    "C",
    "set off",
  ]);
  assert.deepEqual(
    ai?.notes?.map((note) => note.replace(/^.*(line \d+: "[^"]*").*$/, "$1")),
    ['line 2: "# quickly"', 'line 7: "# is a language"'],
  );
  assert.equal((await read(t, "ai_name: A\nai_role: B\nai_goals:\n- x\n"))?.notes, undefined);
  assert.deepEqual(await goals(t, "- @all #3: go # now\n- b #4\n"), ["@all #3: go", "b #4"]);
});

const written: [title: string, text: string, message: RegExp][] = [
  ["a no-break space behind the dash", `${head}-\u00a0one\n`, /line 4: .*no-break space or the like \(U\+00A0\)/],
  ["an ideographic space", `${head}- one\n-\u3000two\n`, /line 5: .*U\+3000/],
  ["a no-break space behind a colon", "ai_name:\u00a0A\nai_role: R\nai_goals:\n- x\n", /line 1: .*U\+00A0/],
  ...["–", "•", "‣", "*", "—", "·", "－"].map((bullet): [string, string, RegExp] => [
    `the bullet ${bullet}`,
    `${head}${bullet} one\n${bullet} two\n`,
    /line 4: .*a goal begins with a dash and a space/,
  ]),
  ["a bullet for the second goal", `${head}- one\n• two\n`, /line 5: .*begins with "•"/],
  [
    "a bullet that goes on a goal",
    `${head}- one\n  • two\n`,
    /line 4: this line belongs to the goal above it.*"• two"/,
  ],
  ["no space behind the dash", `${head}-one\n-two\n`, /line 4: .*a space is missing behind the dash/],
  ["no space behind the second dash", `${head}- one\n -two\n`, /line 4: this line belongs to the goal above/],
  ["numbers before the goals", `${head}1. one\n2. two\n`, /line 4: .*begins with "1\."/],
  [
    "a full-width colon",
    "ai_name：A\nai_role: R\nai_goals:\n- x\n",
    /line 1: .*colon behind ai_name is not the plain one/,
  ],
  ["no space behind a colon", "ai_name: A\nai_role:R\nai_goals:\n- x\n", /line 2: .*space is missing behind the colon/],
  ["no colon", "ai_name: A\nai_role R\nai_goals:\n- x\n", /line 2: .*colon is missing behind ai_role/],
  ["an equals sign", "ai_name = A\nai_role = R\n", /line 1: .*colon is missing behind ai_name/],
  ["no colon behind ai_goals", "ai_name: A\nai_role: R\nai_goals\n- x\n", /line 3: .*colon is missing behind ai_goals/],
  ["a tab before the dash", `${head}\t- one\n`, /line 4: .*indented with a tab/],
  [
    "a block text for goals",
    "ai_name: A\nai_role: R\nai_goals: |\n  - one\n  • two\n",
    /line 3: ai_goals must be a list/,
  ],
  ["goals given twice", `${head}- one\nai_goals:\n- two\n`, /line 5: .*ai_goals stands on line 3 already/],
];
for (const [title, text, message] of written)
  test(`the line is named, and how to write it, for ${title}`, async (t) => {
    await assert.rejects(read(t, text), (error: Error) => {
      assert.equal(error.name, "SettingsError");
      assert.match(error.message, message);
      return true;
    });
  });

test("typographic quotes, bullets and dashes within a goal are part of it", async (t) => {
  const list = '- “Quote” it – fully\n- a • b * c\n- |\n  • one\n  • two\n- "x\n  - y"\n- -5 degrees\n';
  assert.deepEqual(await goals(t, list), ["“Quote” it – fully", "a • b * c", "• one\n• two", "x - y", "-5 degrees"]);
});
