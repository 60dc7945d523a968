import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { OnTerminal } from "../../tests/end-to-end/support/pseudo-terminal.js";
import { reply, startFakeOpenAi, type RecordedRequest } from "../../tests/support/services/fake-open-ai.js";
import { startSite } from "../../tests/support/services/site.js";

/** A chapter of docs/screens.md: a title, and the lines of a screen. */
export type Chapter = [title: string, lines: string[]];

/** Starts the program with these arguments and settings in a folder. */
type Open = (folder: string, args: readonly string[], env: Record<string, string>) => OnTerminal;

const settings = `ai_name: Surveyor
ai_role: an AI that works out figures from what pages say
ai_goals:
  - goal: Collect what is known about the river's levels in notes.md
    checks:
      - file_exists: notes.md
  - goal: Write stats.py, which prints the mean of the levels
    checks:
      - run: python3 stats.py | grep -q "mean 2.5"
  - goal: Write report.md, with its sources
    checks:
      - file_contains: { file: report.md, pattern: "^## Sources" }
      - run: "test $(wc -w < report.md) -ge 12"
`;
const program = (name: string): string =>
  `import time\n\nlevels = [1.0, 2.0, 3.0, 4.0]\nfor level in levels:\n    print("level", level, flush=True)\n    time.sleep(0.7)\nprint("mean", sum(${name}) / len(levels))\n`;

/** The job's 17 replies: pages, notes, a program with a slip in it, one that is missing, a search that fails, a claim too early. */
const repliesOf = (site: string): string[] => {
  const plan = "- read both pages\n- work out the mean\n- report";
  const step = (text: string, name: string, args: Record<string, unknown>): string =>
    reply(name, args, { text, plan, reasoning: "It is the next thing that the goals need." });
  return [
    step("I read what the first page says.", "browse_website", { url: `${site}/spring`, question: "Which levels?" }),
    step("Now the second page.", "browse_website", { url: `${site}/autumn`, question: "Which levels?" }),
    step("I keep what I have found.", "write_to_file", {
      file: "notes.md",
      text: "# Levels\n\n- spring: 1 m, 2 m\n- autumn: 3 m, 4 m\n",
    }),
    step("A program works out the mean.", "write_to_file", { file: "stats.py", text: program("levls") }),
    step("I run it.", "execute_python_file", { file: "stats.py" }),
    step("It failed, so I look at it.", "read_file", { file: "stats.py" }),
    step("The name was misspelt.", "edit_file", { file: "stats.py", find: "sum(levls)", replace: "sum(levels)" }),
    step("Once more.", "execute_python_file", { file: "stats.py" }),
    step("A picture would be good.", "execute_python_file", { file: "plot.py" }),
    step("Perhaps others have worked it out.", "google", { input: "mean river level" }),
    step("Then I write the report.", "write_to_file", {
      file: "report.md",
      text: "# The river\n\nIts mean level is 2.5 m, worked out from four levels of spring and autumn.\n",
    }),
    step("All is done.", "task_complete", { reason: "The report is written." }),
    step("The sources are missing.", "append_to_file", {
      file: "report.md",
      text: `\n## Sources\n\n- ${site}/spring\n- ${site}/autumn\n`,
    }),
    step("I read it once more.", "read_file", { file: "report.md" }),
    step("Is the mean said everywhere alike?", "search_text", { pattern: "mean \\w+" }),
    step("A folder keeps the notes apart.", "copy_file", { file: "notes.md", to: "kept/notes.md" }),
    step("Now all is there.", "task_complete", { reason: "report.md says the mean level, 2.5 m, with its sources." }),
  ];
};

const isThought = ({ body }: RecordedRequest): boolean => body?.model !== "fast-model";

/**
 * The job that a first user once watched, as one sees it: the screen at each place where that user had a question, and what is known of
 * it afterwards. `place` is an empty folder.
 */
export async function screensOfLongJob(place: string, open: Open): Promise<Chapter[]> {
  const endings: (() => unknown)[] = [];
  const site = await startSite(
    { after: (end) => void endings.push(end as () => unknown) },
    {
      "/spring": "<h1>Spring</h1><p>The river stood at 1 m and at 2 m.</p>",
      "/autumn": "<h1>Autumn</h1><p>The river stood at 3 m and at 4 m.</p>",
    },
  );
  const script = repliesOf(site.url);
  let hold: Promise<void> | null = null;
  let release = (): void => undefined;
  const server = await startFakeOpenAi({
    chat: async (request) => {
      if (!isThought(request)) return "The page says two levels of the river, in metres.";
      // Whoever asked is gone by then.
      if (hold !== null) return hold.then(() => reply("do_nothing"));
      return script.shift() ?? reply("do_nothing");
    },
  });
  await mkdir(place, { recursive: true });
  await writeFile(join(place, "ai_settings.yaml"), settings);
  const env = {
    OPENAI_API_BASE_URL: server.url,
    FAST_LLM_MODEL: "fast-model",
    MEMORY_BACKEND: "no_memory",
    BROWSE_ALLOWED_PRIVATE_HOSTS: site.host,
    BROWSER: "never",
    SEARCH_PROVIDER: "searxng",
    SEARXNG_URL: "http://127.0.0.1:9",
    EXECUTE_LOCAL_COMMANDS: "True",
    NO_COLOR: "1",
  };
  const chapters: Chapter[] = [];
  const terminal = open(place, ["-y", "--max-tokens", "200k"], env);
  const { screen, shows, type, ended } = terminal;
  const seen = (): string[] => screen.visible().filter((line, at, all) => line !== "" || at < all.length - 1);
  const keep = (title: string, from: (line: string) => boolean = (line) => line.startsWith("── step")): void => {
    const lines = screen.lines();
    chapters.push([title, lines.slice(lines.findLastIndex(from))]);
  };
  const asksAt = (step: number) => (): boolean => {
    const lines = screen.lines();
    return lines.at(-1)?.startsWith("Input:") === true && stepOf(lines) === step;
  };
  const answer = async (step: number, text: string): Promise<void> => {
    await shows(asksAt(step));
    await type(`${text}\r`);
  };

  await shows(asksAt(1));
  keep("What it waits for, and what will change: a page");
  await type("y -3\r");
  await shows(asksAt(4));
  keep("A new file");
  await answer(4, "y");
  await answer(5, "y");
  await shows(() => /running execute_python_file [23] s/.test(seen().at(-1) ?? ""));
  keep("What it does now, which step it is, and what it has cost: the last line, while a program writes");
  await shows(asksAt(6));
  keep("What went wrong", (line) => line.startsWith("SYSTEM: Command execute_python_file"));
  await type("a\r");
  await shows(() => (screen.lines().at(-1) ?? "").includes("(* is any text"));
  keep("Allowed from now on", (line) => line.startsWith("From now on"));
  await type("y\r");
  await shows(asksAt(7));
  keep("A part of a file is changed");
  await type("y -4\r");
  await shows(asksAt(11));
  keep("A program that is not there, and a search that fails", (line) => line.startsWith("── step 9"));
  hold = new Promise((resolve) => (release = resolve));
  await type("y\r");
  await shows(() => /^step 12 .*thinking [1-9]/.test(seen().at(-1) ?? ""));
  await type("\u001b");
  await shows(() => (screen.lines().at(-1) ?? "").startsWith("Input:") && screen.lines().some(isStopped));
  keep("Stopped, to say something", (line) => line.startsWith("── step 12"));
  await type("Name where the figures come from.\r");
  hold = null;
  release();
  await answer(13, "y");
  await shows(asksAt(14));
  keep("Why it is not complete", (line) => line.startsWith("SYSTEM: Command task_complete"));
  await type("y -9\r");
  await ended;
  keep("The end: what came of it, and where things are", (line) => line.startsWith("SYSTEM: Command task_complete"));
  for (const [title, ...args] of [
    ["The next day", "runs"],
    ["What happened", "runs", "show"],
    ["Taken back", "undo"],
  ] as [string, ...string[]][]) {
    const shown = open(place, args, env);
    await shown.ended;
    chapters.push([title, [`$ autogpt ${args.join(" ")}`, ...shown.screen.lines()]]);
  }
  await server.close();
  for (const end of endings) await end();
  return chapters;
}

const isStopped = (line: string): boolean => line.startsWith("Stopped. Say something");

/** The step whose question is open: the last one that has begun. */
const stepOf = (lines: readonly string[]): number =>
  Number(/^── step (\d+)/.exec(lines.findLast((line) => line.startsWith("── step")) ?? "")?.[1] ?? 0);
