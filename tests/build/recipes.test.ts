import assert from "node:assert/strict";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { newestResult, scriptedWorld } from "../end-to-end/support/scripted-world.js";
import { reply } from "../support/services/fake-open-ai.js";
import { bytes, startSite } from "../support/services/site.js";
import { eventsOfType, long, repository } from "../support/program.js";
import { copyOfRepository, runNode } from "./copy.js";

/** What `npm run new` is asked for: the examples of docs/architecture.md. */
const wanted = [
  ["command", "files/word_count"],
  ["memory", "shelf"],
  ["engine", "heron"],
  ["check", "least_words"],
] as const;

test("npm run new makes a command, a check, a memory and a search engine that work in the built program", async (t) => {
  const copy = await copyOfRepository(t);
  for (const part of [
    ".ci",
    ".env.template",
    "docs",
    "examples",
    "schemas",
    "tests",
    "tsconfig.json",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "LICENSE",
  ])
    cpSync(join(repository, part), join(copy, part), { recursive: true });
  const node = (...args: string[]) => runNode(args, copy);
  const files: string[] = [];
  // One after the other they write four times what is made from declarations.
  for (const args of long ? wanted : [wanted.flat()]) {
    const { code, output } = await node("build/new.js", ...args);
    assert.equal(code, 0, output);
    files.push(...[...output.matchAll(/^(?:Made|Changed) (.*)$/gm)].map(([, file = ""]) => file));
  }

  await t.test("a name that is taken, or that is none, makes nothing and says why", async () => {
    const taken = await node("build/new.js", "check", "more_words", "check", "least_words");
    assert.deepEqual(taken, {
      code: 1,
      output: "src/goals/checks/least-words.ts is there already: choose another name.\n",
    });
    assert.ok(!existsSync(join(copy, "src", "goals", "checks", "more-words.ts")));
    const wrong = [["check", "LeastWords"], ["check", "files/words"], ["planet", "mars"], []];
    for (const args of long ? wrong : wrong.slice(0, 1)) {
      const { code, output } = await node("build/new.js", ...args);
      assert.equal(code, 1);
      assert.match(output, /^Usage: npm run new -- KIND NAME/);
    }
    const { code, output } = await node("build/new.js", "command", "planets/mars");
    assert.deepEqual([code, output], [1, "There is no folder src/commands/planets.\n"]);
  });

  await t.test("docs/architecture.md shows what is made", () => {
    const page = readFileSync(join(copy, "docs", "architecture.md"), "utf8").replace(/^ {3}/gm, "");
    for (const file of ["commands/files/word-count", "goals/checks/least-words", "web/search/engines/heron"])
      assert.ok(page.includes(readFileSync(join(copy, "src", `${file}.ts`), "utf8")), `the example of ${file}.ts`);
  });

  await t.test("its tests pass, and those that compare the lists, the template, the tree and the imports", async () => {
    const own = files.filter((file) => file.endsWith(".test.ts"));
    assert.equal(own.length, wanted.length);
    const parts = [
      "declared",
      "system-prompt",
      "settings/template",
      // What starts the program to compare copies, of which the template is one.
      ...(long ? ["subcommands/schema"] : []),
      "run/plan",
      "docs.test",
      "architecture",
    ];
    const { code, output } = await node("tests/run.js", ...own, ...parts);
    assert.equal(code, 0, output);
  });

  // They take three times as long as all the rest.
  if (long)
    await t.test("types, lint and format are content", async () => {
      const made = files.filter((file) => !file.startsWith("."));
      for (const [script = "", ...args] of [
        ["typescript/bin/tsc", "--noEmit", "--incremental", "false"],
        ["eslint/bin/eslint.js", "--config", ".ci/eslint.config.js", ...made.filter((file) => file.endsWith(".ts"))],
        ["prettier/bin/prettier.cjs", "--check", ...made],
      ]) {
        const { code, output } = await node(join("node_modules", script), ...args);
        assert.equal(code, 0, output);
      }
    });

  await t.test("built, all four are used by one run that is resumed", async (t) => {
    if (!existsSync(join(copy, "dist", "cli.cjs"))) assert.equal((await node("build/build.js")).code, 0);
    await useAll(t, join(copy, "bin", "autogpt.js"));
  });
});

async function useAll(t: TestContext, program: string): Promise<void> {
  const result = { title: "A heron", url: "https://birds.example/1", content: "It stands." };
  const site = await startSite(t, { "/search": bytes(Buffer.from(JSON.stringify({ results: [result] })), {}) });
  const world = await scriptedWorld(
    t,
    [
      reply("google", { input: "herons" }),
      reply("write_to_file", { file: "a.txt", text: "one two three" }),
      reply("word_count", { file: "a.txt" }),
      reply("task_complete", {}),
    ],
    {
      ai: { goals: [{ goal: "Write", checks: [{ least_words: { file: "a.txt", words: 3 } }] }] },
      env: {
        MEMORY_BACKEND: "shelf",
        SEARCH_PROVIDER: "heron",
        HERON_API_KEY: "heron-key-1",
        HERON_API_BASE_URL: site.url,
      },
    },
  );
  const begun = await world.run(["--continuous", "--continuous-limit", "2"], { program });
  assert.equal(begun.code, 5, begun.stderr);
  const ended = await world.run(["--continuous", "--resume", "--continuous-limit", "9"], { program });
  assert.equal(ended.code, 0, ended.stderr);

  assert.match(world.messages(0)[0]?.content ?? "", /\d+\. Word count: "word_count", args: "file": "<file>"\n/);
  assert.match(newestResult(world.messages(1)), /"href": "https:\/\/birds\.example\/1"/);
  assert.match(newestResult(world.messages(3)), /Command word_count returned: a\.txt has 3 words\./);
  const journal = await world.journal();
  assert.equal(eventsOfType(journal, "step-remembered").length, 4);
  const [end] = eventsOfType(journal, "run-end").slice(-1);
  assert.deepEqual(end?.goals, [
    {
      goal: "Write",
      verdict: "proven",
      evidence: "least_words a.txt 3: 3 words",
      checks: [{ check: "least_words a.txt 3", passed: true, found: "3 words" }],
    },
  ]);

  const found = await world.run(["memory", "search", "herons", "--json"], { program });
  assert.match(found.stdout, /birds\.example/, found.stderr);
  const stats = await world.run(["memory", "stats"], { program });
  assert.match(stats.stdout, /shelf/, stats.stderr);
}
