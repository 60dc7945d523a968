import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { allChecks } from "../src/goals/index.js";
import { createProgram } from "../src/settings/flags.js";
import { addSubcommands } from "../src/subcommands/declare.js";
import { parseAiSettings } from "../src/settings/ai/parse.js";
import { repliesShown, reply, type RecordedRequest } from "./support/services/fake-open-ai.js";
import { repository } from "./support/program.js";
import { scriptedWorld } from "./end-to-end/support/scripted-world.js";

const pages = async (): Promise<{ page: string; text: string }[]> => {
  const names = ["README.md", ...(await readdir(join(repository, "docs"))).map((name) => `docs/${name}`)];
  const pages = names.filter((name) => name.endsWith(".md"));
  return Promise.all(pages.map(async (page) => ({ page, text: await readFile(join(repository, page), "utf8") })));
};

const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([^]*?)^ *\`\`\``, "gm"))].map(([, , block = ""]) => block);

type Line = { page: string; line: string; args: string[]; env: Record<string, string> };

/** The lines of a page's shell blocks that start the program, with their arguments and variables. */
function startsOf(page: string, text: string): Line[] {
  return blocks(text, "sh")
    .flatMap((block) => block.split("\n"))
    .flatMap((line) => {
      const found = /^\s*((?:[A-Z_]+=\S+ )*)(?:npm install && )?(?:npx )?autogpt(?: ([^#>|]*))?/.exec(line);
      if (!found) return [];
      const [, variables = "", rest = ""] = found;
      const args = [...rest.matchAll(/"([^"]*)"|(\S+)/g)]
        .map(([, quoted, bare]) => quoted ?? bare ?? "")
        .map((argument) => (argument === "RUN" ? "last" : argument));
      const env = Object.fromEntries(
        [...variables.matchAll(/(?!OPENAI_API_BASE_URL)\b([A-Z_]+)=(\S+)/g)].map(([, name, value]) => [name, value]),
      );
      return [{ page, line: line.trim(), args, env }];
    });
}

/** What other tests carry out: it starts processes, asks questions, makes many requests, installs packages, serves a page or needs a queue. */
const elsewhere = new Set(["demo", "init", "doctor", "add", "view", "submit", "work", "fleet"]);

test("every command of the README and the pages is understood, and does what it should where a scripted model answers", async (t) => {
  // Three steps that change a file, so that there is something to look at and to take back.
  const answer = ({ body }: RecordedRequest): string => {
    const steps = repliesShown({ body });
    if (steps >= 3) return reply("task_complete", { reason: "done" });
    return reply("append_to_file", { file: "notes.md", text: `${steps}\n` });
  };
  const world = await scriptedWorld(t, answer, { env: { MEMORY_BACKEND: "local", EMBEDDING_PROVIDER: "endpoint" } });
  await mkdir(join(world.folder, "workspace", "papers"), { recursive: true });
  for (const file of ["papers/one.txt", "report.pdf"])
    await writeFile(join(world.folder, "workspace", file), "The cellar key hangs in room 214.");
  const lines = (await pages()).flatMap(({ page, text }) => startsOf(page, text));
  assert.ok(lines.length >= 20, "the pages have commands");
  await world.run(["-c", "-y"]);
  const failed: string[] = [];
  for (const { page, line, args, env } of lines.filter(({ args: [first = ""] }) => !elsewhere.has(first))) {
    const { code, stderr } = await world.run(args, { env, input: "y -9\ny -9\n" });
    if (code !== 0) failed.push(`${page}: ${line}\n  exit ${code}: ${stderr.trim().slice(0, 300)}`);
  }
  assert.deepEqual(failed, []);
});

test("every command that stands in a sentence or a table of a page names subcommands and flags that there are", async () => {
  const program = await createProgram("0", () => undefined);
  const { stdin, stdout, stderr } = process;
  const unused = () => Promise.reject(new Error("nothing is carried out"));
  addSubcommands(program, {
    ...{
      cwd: "/",
      environment: {},
      load: unused,
      signal: new AbortController().signal,
      finish: () => undefined,
      goOn: () => Promise.resolve(),
    },
    streams: { stdin, stdout, stderr },
  });
  const strange: string[] = [];
  let count = 0;
  for (const { page, text } of await pages()) {
    for (const [, line = ""] of text.replace(/```[^]*?```/g, "").matchAll(/`(?:npx )?autogpt ([^`]+)`/g)) {
      count += 1;
      let command = program;
      const words = line.split(/ [>|] |…/)[0]?.match(/"[^"]*"|[^\s[\]]+/g) ?? [];
      for (const word of words) {
        const inner = command.commands.find((one) => one.name() === word);
        const declared = [...program.options, ...command.options].flatMap(({ short, long }) => [short, long]);
        const flags = [...declared, "--help"];
        if (inner) command = inner;
        else if (word.startsWith("-") ? !flags.includes(word) : command === program && /^[a-z]+$/.test(word))
          strange.push(`${page}: autogpt ${line} (${word})`);
      }
    }
  }
  assert.ok(count > 40, "the pages name commands");
  assert.deepEqual(strange, []);
});

test("the settings files of docs/recipes.md are read without an objection", async () => {
  const text = await readFile(join(repository, "docs/recipes.md"), "utf8");
  const recipes = blocks(text, "yaml");
  assert.equal(recipes.length, 5);
  for (const recipe of recipes) {
    const ai = parseAiSettings(recipe, "recipe.yaml", allChecks);
    assert.ok(ai.goals.length >= 2, recipe);
  }
});
