import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { eventsOfType } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { newestResult, scriptedWorld, type World, type WorldOptions } from "../support/scripted-world.js";

const done = reply("task_complete", { reason: "done" });
const named = (...modules: string[]): string => `extensions:\n${modules.map((module) => `  - ${module}\n`).join("")}`;

/** A command that reverses a text, and one that keeps it; being loaded leaves a trace. */
const reverse = `
import { writeFileSync } from "node:fs";
writeFileSync(new URL("loaded", import.meta.url), "");
export const reverse = {
  name: "reverse_text",
  args: { text: "<text>" },
  effect: "nothing",
  run: ({ text }) => [...text].reverse().join(""),
};
export const keep = {
  name: "keep_text",
  args: { text: "<text>" },
  effect: "writes",
  async run({ text }, { workspace }) {
    await workspace.write("kept.txt", text);
    return "Kept.";
  },
};
`;

const longest = `
export default {
  name: "longest_line",
  title: (value) => \`of \${value}\`,
  async run(file, { workspace }) {
    const most = Math.max(...(await workspace.readText(file)).split("\\n").map((line) => line.length));
    return { ok: most <= 10, found: \`\${most} characters\` };
  },
};
`;

async function worldWith(
  t: TestContext,
  files: Record<string, string>,
  chat: readonly string[],
  options: WorldOptions = {},
): Promise<World> {
  const world = await scriptedWorld(t, chat, options);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(world.folder, name, ".."), { recursive: true });
    await writeFile(join(world.folder, name), text);
  }
  return world;
}

const withReverse = { ai: { more: named("./reverse.mjs") } };
const trusting = ["-y", "-c", "--trust-extensions"];

test("a command of an extension is listed, asked about by its effect, run, journalled and told to the model", async (t) => {
  const world = await worldWith(
    t,
    { "reverse.mjs": reverse },
    [reply("keep_text", { text: "kept" }), reply("reverse_text", { text: "stressed" }), done],
    withReverse,
  );
  const { code, stdout, stderr } = await world.run(["-y", "--trust-extensions"], { input: "y -3\n" });
  assert.equal(code, 0, stderr);
  assert.match(stdout + stderr, /Extension \.\/reverse\.mjs: the commands keep_text, reverse_text/);
  assert.match(world.messages(0)[0]?.content ?? "", /Reverse text: "reverse_text", args: "text": "<text>"/);
  assert.match(newestResult(world.messages(2)), /Command reverse_text returned: desserts/);
  assert.equal(await world.file("kept.txt"), "kept");
  const journal = await world.journal();
  assert.deepEqual(eventsOfType(journal, "run-start")[0]?.extensions, [
    { module: "./reverse.mjs", folder: world.folder, commands: ["keep_text", "reverse_text"], checks: [] },
  ]);
  assert.equal(eventsOfType(journal, "command-asked")[0]?.effect, "writes");
  assert.deepEqual(
    eventsOfType(journal, "step-end").map(({ result }) => result.changed),
    [true, undefined, undefined],
  );
});

test("what nobody has trusted is not run, and nothing is asked with -y; a yes holds until the code changes (pitfall 90)", async (t) => {
  const world = await worldWith(t, { "reverse.mjs": reverse }, Array(4).fill(done), withReverse);
  const refused = /ai_settings\.yaml, line 6: the extension \.\/reverse\.mjs is not trusted.*--trust-extensions/;

  const first = await world.run(["-y", "-c"]);
  assert.equal(first.code, 2);
  assert.match(first.stderr, refused);
  const json = await world.run(["-c", "--output-format", "json"]);
  assert.equal(json.code, 2);
  assert.equal(JSON.parse(json.stdout).reason, "settings");
  assert.ok(!existsSync(join(world.folder, "loaded")), "nothing of it was run");

  assert.equal((await world.run(trusting)).code, 0);
  assert.ok(existsSync(join(world.folder, "loaded")));
  assert.equal((await world.run(["-y", "-c"])).code, 0, "the yes is remembered");

  await writeFile(join(world.folder, "reverse.mjs"), `${reverse}\n// More.\n`);
  const changed = await world.run(["-y", "-c"]);
  assert.equal(changed.code, 2);
  assert.match(changed.stderr, refused);
});

test("a person is asked whether the extensions are trusted: y starts the run, all else does not", async (t) => {
  for (const [input, code] of [
    ["n\n", 2],
    ["", 2],
    ["Y\ny\n", 0],
    ["y\n", 0],
  ] as const) {
    const world = await worldWith(t, { "reverse.mjs": reverse }, [done], withReverse);
    const ended = await world.run(["-c"], { input });
    assert.equal(ended.code, code, `${JSON.stringify(input)} ${ended.stderr}`);
    assert.match(ended.stdout, /names extensions: code that runs with your rights[\s\S]*reverse\.mjs[\s\S]*\(y\/n\)\?/);
    assert.equal(existsSync(join(world.folder, "loaded")), code === 0);
  }
});

test("a broken extension is a settings error that names the line of the settings file, and of the module", async (t) => {
  const cases: [string, string, RegExp][] = [
    ["./missing.mjs", "", /line 6: the extension \.\/missing\.mjs cannot be used: \S+missing\.mjs does not exist\./],
    ["no-such-package-here", "", /cannot be used: Cannot find package 'no-such-package-here'/],
    ["./one.mjs", "const a = 1;\nthrow new Error('sad');\n", /cannot be loaded: sad \(\S+one\.mjs, line 2\)\./],
    ["./one.mjs", "\n\nexport const = 3;\n", /cannot be loaded: Unexpected token .*one\.mjs, line 3/],
    ["./one.mjs", "export const a = 1;\n", /its export a is neither a command nor a check/],
    ["./one.mjs", "const a = 1;\n", /it exports no command and no check/],
    [
      "./one.mjs",
      'import { defineCheck } from "autogpt";\n',
      /Install autogpt in the extension's folder, or export plain/,
    ],
    [
      "./one.mjs",
      'export const a = { name: "read_file", effect: "reads", run: () => "" };\n',
      /cannot be added: The command "read_file" uses the name "read_file", which is taken/,
    ],
    ["./one.mjs", 'export const a = { name: "run", run: () => ({}) };\n', /The check "run" uses the name "run"/],
    [
      "./one.mjs",
      'export const a = { name: "Word Count", effect: "reads", run: () => "" };\n',
      /is not made as it should be: a: name must be small letters, digits and underscores/,
    ],
    ["./one.mjs", 'export const a = { name: "a", effect: "magic", run() {} };\n', /a: effect must be one of reads, /],
    ["./workspace/one.mjs", 'export const a = { name: "a" };\n', /it lies in the workspace .*Move it out of there/],
    ["{ a: b }", "", /line 6: extensions must be a list of modules/],
  ];
  const world = await worldWith(t, {}, []);
  const settings = await readFile(join(world.folder, "ai_settings.yaml"), "utf8");
  for (const [module, text, message] of cases) {
    await rm(join(world.folder, "one.mjs"), { force: true });
    await mkdir(join(world.folder, "workspace"), { recursive: true });
    if (text !== "") await writeFile(join(world.folder, module), text);
    await writeFile(join(world.folder, "ai_settings.yaml"), `${settings}${named(module)}`);
    const { code, stderr } = await world.run(trusting);
    assert.equal(code, 2, `${module} ${text}`);
    assert.match(stderr, /ai_settings\.yaml, line 6: /, text);
    assert.match(stderr, message);
  }
});

test("a check of an extension proves a goal, in a run and in autogpt check", async (t) => {
  const world = await worldWith(
    t,
    { "longest.mjs": longest },
    [
      reply("write_to_file", { file: "a.txt", text: "a line that is too long" }),
      done,
      reply("write_to_file", { file: "a.txt", text: "short" }),
      done,
    ],
    { ai: { goals: [{ goal: "short lines", checks: [{ longest_line: "a.txt" }] }], more: named("./longest.mjs") } },
  );
  const before = await world.run(["check"]);
  assert.equal(before.code, 2);
  assert.match(before.stderr, /is not trusted/);
  const { code, stderr } = await world.run(trusting);
  assert.equal(code, 0, stderr);
  assert.match(newestResult(world.messages(2)), /longest_line of a\.txt: 23 characters/);
  assert.deepEqual(eventsOfType(await world.journal(), "run-end")[0]?.goals, [
    {
      goal: "short lines",
      verdict: "proven",
      evidence: "longest_line of a.txt: 5 characters",
      checks: [{ check: "longest_line of a.txt", passed: true, found: "5 characters" }],
    },
  ]);
  const after = await world.run(["check"]);
  assert.equal(after.code, 0, after.stderr);
  assert.match(after.stdout, /proven: "short lines"\n {2}longest_line of a\.txt: 5 characters/);
  await writeFile(
    join(world.folder, "ai_settings.yaml"),
    "ai_name: a\nai_role: r\nai_goals:\n  - goal: g\n    checks:\n      - longest_line: a.txt\n",
  );
  const without = await world.run(["check"]);
  assert.match(
    without.stderr,
    /line 6: each check must be exactly one of file_exists, file_contains, file_absent, file_lacks, json_schema, run, http, ask,/,
  );
});

test("a run goes on with the extensions that it began with, and not without them", async (t) => {
  const world = await worldWith(
    t,
    { "reverse.mjs": reverse },
    [reply("reverse_text", { text: "abc" }), reply("reverse_text", { text: "def" }), done],
    withReverse,
  );
  assert.equal((await world.run([...trusting, "-l", "1"])).code, 5);

  const text = await readFile(join(world.folder, "reverse.mjs"), "utf8");
  await rm(join(world.folder, "reverse.mjs"));
  const missing = await world.run(["-y", "--resume", "-l", "9"]);
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /^The run \S+: the extension \.\/reverse\.mjs cannot be used: .* does not exist\./);

  await writeFile(join(world.folder, "reverse.mjs"), text.replace("reverse_text", "turn_text"));
  const lost = await world.run(["-y", "--resume", "-l", "9", "--trust-extensions"]);
  assert.equal(lost.code, 2);
  assert.match(lost.stderr, /had the command reverse_text when the run began, and no longer has/);

  await writeFile(join(world.folder, "reverse.mjs"), text);
  await rm(join(world.folder, "ai_settings.yaml"));
  const resumed = await world.run(["-y", "--resume", "-l", "9", "--trust-extensions"]);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.match(newestResult(world.messages(2)), /Command reverse_text returned: fed/);
});

test("an installed package is an extension; what a person's rules say of commands holds for its commands, too", async (t) => {
  const world = await worldWith(
    t,
    {
      "node_modules/reverser/package.json": JSON.stringify({ version: "1.0.0", exports: "./index.cjs" }),
      "node_modules/reverser/index.cjs":
        'module.exports = [{ name: "reverse_text", args: { text: "<text>" }, effect: "nothing", run: () => "never" }];\n',
    },
    [reply("reverse_text", { text: "abc" }), done],
    { ai: { more: `${named("reverser")}approve:\n  reverse_text: never\n` } },
  );
  const { code, stderr } = await world.run(trusting);
  assert.equal(code, 0, stderr);
  const [step] = eventsOfType(await world.journal(), "step-end");
  assert.equal(step?.outcome, "refused");
});

test("what a command of an extension asks a model is journalled, and paid for under the run's limits", async (t) => {
  const asking = `export const ask = {
    name: "ask_model",
    effect: "asks a model",
    run: (args, { ask }) => ask("What is 2 and 2?", { answerTokens: 50 }),
  };`;
  const world = await worldWith(t, { "ask.mjs": asking }, [reply("ask_model"), "It is 4.", reply("ask_model"), done], {
    ai: { more: named("./ask.mjs") },
  });
  const { code, stderr } = await world.run([...trusting, "-l", "1"]);
  assert.equal(code, 5, stderr);
  const journal = await world.journal();
  assert.deepEqual(
    eventsOfType(journal, "model-requested").map(({ purpose }) => purpose),
    ["think", "command"],
  );
  assert.match(eventsOfType(journal, "step-end")[0]?.result.text ?? "", /returned: It is 4\./);
  const spent = eventsOfType(journal, "run-end")[0]?.usage;
  const total = (spent?.promptTokens ?? 0) + (spent?.completionTokens ?? 0);
  const limited = await world.run(["-y", "--resume", "-l", "9", "--max-tokens", String(total + 5)]);
  assert.equal(limited.code, 5, limited.stderr);
});

test("what a command of an extension throws is told to the model, and the run goes on", async (t) => {
  const failing = `
export const a = { name: "fails", effect: "nothing", run() { throw new Error("no luck"); } };
export const b = { name: "odd", effect: "nothing", run: () => 42 };
export const c = { name: "admits", effect: "nothing", run: () => ({ ok: false, text: "not today" }) };
export const d = { name: "escapes", effect: "reads", run: (args, { workspace }) => workspace.readText("../reverse.mjs") };
`;
  const world = await worldWith(
    t,
    { "failing.mjs": failing },
    [...["fails", "odd", "admits", "escapes"].map((name) => reply(name)), done],
    { ai: { more: named("./failing.mjs") } },
  );
  const { code, stderr } = await world.run(trusting);
  assert.equal(code, 0, stderr);
  const texts = eventsOfType(await world.journal(), "step-end").map(({ result }) => result.text);
  for (const [index, message] of [
    /returned: Error: no luck/,
    /returned: Error: the command gave neither a text nor/,
    /returned: Error: not today/,
    /returned: Error: .*(outside|leads out of)/,
  ].entries())
    assert.match(texts[index] ?? "", message);
});
