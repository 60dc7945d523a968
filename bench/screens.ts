import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTerminal, type OnTerminal } from "../tests/end-to-end/support/pseudo-terminal.js";
import { bin, repository, startProgram } from "../tests/support/program.js";
import { screensOfLongJob } from "./support/long-job.js";
import { reply, startFakeOpenAi } from "../tests/support/services/fake-open-ai.js";

/**
 * `npm run screens`: starts the program on a pseudo-terminal of 80 columns against a scripted model, and writes what a
 * terminal then shows into docs/screens.md.
 */
const page = join(repository, "docs", "screens.md");

const settings = `ai_name: Packer
ai_role: an AI that helps to pack
ai_goals:
  - goal: Write list.md, what to take along for two days in the mountains
    checks:
      - file_contains: { file: list.md, pattern: "^- " }
`;
const thoughts = { text: "A short list will do.", reasoning: "Two days are few.", plan: "- write the list\n- end" };
const script = [
  reply("write_to_file", { file: "list.md", text: "# Two days\n\n- boots\n- rain jacket\n- map\n" }, thoughts),
  reply(
    "write_to_file",
    { file: "list.md", text: "# Two days\n\n- boots\n- rain jacket\n- map\n- head lamp\n" },
    thoughts,
  ),
  reply("task_complete", { reason: "list.md says what to take along." }, { text: "The list is there." }),
];

async function main(): Promise<void> {
  const place = await mkdtemp(join(tmpdir(), "screens-"));
  const job = join(place, "job");
  await mkdir(job);
  await writeFile(join(job, "ai_settings.yaml"), settings);
  // Messages name the program as it was started.
  const program = join(place, "autogpt");
  await symlink(bin, program);
  const startIn =
    (cwd: string): Parameters<typeof onTerminal>[0] =>
    (args, given) =>
      startProgram({ ...given, cwd, args });
  const server = await startFakeOpenAi({ chat: script });
  const env = { OPENAI_API_BASE_URL: server.url, MEMORY_BACKEND: "no_memory", NO_COLOR: "1" };
  const open = (...args: string[]): OnTerminal =>
    onTerminal(startIn(job), [process.execPath, program, ...args], { columns: 80, rows: 60 }, env);

  const chapters = await screensOfRun(open("-y"));
  for (const [title, ...args] of afterwards) {
    const shown = open(...args);
    await shown.ended;
    chapters.push([title, [`$ autogpt ${args.join(" ")}`, ...shown.screen.lines()]]);
  }
  await server.close();
  const long = await screensOfLongJob(join(place, "river"), (cwd, args, variables) =>
    onTerminal(startIn(cwd), [process.execPath, program, ...args], { columns: 80, rows: 40 }, variables),
  );
  await rm(place, { recursive: true, force: true });
  const parts = [introduction, ...chapters.map(chapter), aboutLongJob, ...long.map(chapter)];
  await writeFile(page, parts.join("\n\n").replaceAll(place, "/srv") + "\n");
}

const introduction =
  "# Screens\n\nWhat the program shows on a terminal of 80 columns, without colours. " +
  "`npm run screens` starts it against a model that is a script, and writes this page.";

const aboutLongJob =
  "# A longer job\n\nSeventeen replies: pages, notes, a program with a slip in it, one that is missing, a search that fails, " +
  "a claim that comes too early; and a step that is stopped to say something. The screens stand where somebody who watches has a question.";

const afterwards = [
  ["What ran, and what came of it", "runs", "show"],
  ["What was changed", "diff"],
  ["Taken back", "undo"],
  ["Help", "--help"],
] as const;

/** The run's screen at its first two questions and at its end, each from the answer before it. */
async function screensOfRun({ screen, shows, type, ended }: OnTerminal): Promise<[title: string, lines: string[]][]> {
  const places = (): number[] => screen.lines().flatMap((line, at) => (line.startsWith("Input:") ? [at] : []));
  await shows(() => places().length >= 1);
  const first = screen.lines();
  await type("y\r");
  await shows(() => places().length >= 2);
  const second = screen.lines().slice((places()[0] ?? 0) + 1);
  await type("y -2\r");
  await ended;
  const last = screen.lines().slice((places().at(-1) ?? 0) + 1);
  return [
    ["The first command", first],
    ["A file that is there is changed", second],
    ["The end", last],
  ];
}

const chapter = ([title, lines]: readonly [string, readonly string[]]): string =>
  `## ${title}\n\n\`\`\`text\n${lines.map((line) => line.trimEnd()).join("\n")}\n\`\`\``;

await main();
