import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { reply, type Script } from "../../support/services/fake-open-ai.js";
import { article, html, startSite } from "../../support/services/site.js";
import { trusting, worldWithHooks } from "../guidance/hooks-world.js";
import { inContinuous, worldWith } from "../mcp/mcp-world.js";
import { scriptedWorld, type World, type WorldOptions } from "../support/scripted-world.js";

const done = reply("task_complete", { reason: "Done." });
const write = (file: string, text: string): string => reply("write_to_file", { file, text });
const shell = (line: string): string => reply("execute_shell", { command_line: line });

/** A run, or several parts of one, that is recorded; null where something for it is missing. `notAsThen`: files that cannot be made what they were. */
export type RecordedWorld = {
  name: string;
  notAsThen?: readonly string[];
  record(t: TestContext): Promise<World | null>;
};

type Given = WorldOptions & { args?: readonly string[]; input?: string; code?: number; files?: Record<string, string> };

const plain = (name: string, script: Script, given: Given = {}): RecordedWorld => ({
  name,
  async record(t) {
    const { args = ["-c"], input = "", code = 0, files = {}, ...options } = given;
    const world = await scriptedWorld(t, script, options);
    const started = await world.run(args, { input: `${input}` });
    assert.equal(started.code, code, started.stderr);
    for (const [file, text] of Object.entries(files)) await writeFile(join(world.folder, "workspace", file), text);
    return world;
  },
});

const unconfined = { EXECUTE_LOCAL_COMMANDS: "True", SANDBOX: "none", ALLOW_UNSANDBOXED_SHELL: "True" };
const remembers = { MEMORY_BACKEND: "local" };

/** Files, as the demo works on them. */
const files = [write("a.txt", "one\n"), reply("append_to_file", { file: "a.txt", text: "two\n" })];
const reads = [reply("read_file", { file: "a.txt" }), reply("search_text", { pattern: "two" })];

const isSummary = (content: string | undefined): boolean => content?.startsWith("You read texts from the web") === true;

/** Pages of a site that is gone when the run is replayed. */
const web: RecordedWorld = {
  name: "web: search, pages, summaries",
  async record(t) {
    const site = await startSite(t, {
      "/html/": html('<div class="result"><a class="result__a" href="https://example.org/">A heron</a></div>'),
      "/heron": html(`<title>Heron</title>${article("heron")}<a href="/more">more</a>`),
    });
    const thoughts = [
      reply("google", { input: "herons" }),
      reply("browse_website", { url: `${site.url}/heron`, question: "Where does it stand?" }),
      reply("browse_website", { url: `${site.url}/gone`, question: "What?" }),
      done,
    ];
    let next = 0;
    const world = await scriptedWorld(
      t,
      ({ body }) => (isSummary(body?.messages[0]?.content) ? "It stands in water." : (thoughts[next++] ?? done)),
      { env: { BROWSE_ALLOWED_PRIVATE_HOSTS: site.host, DUCKDUCKGO_BASE_URL: site.url, BROWSER: "never" } },
    );
    const { code, stderr } = await world.run(["-c"]);
    assert.equal(code, 0, stderr);
    return world;
  },
};

/** A run that is stopped behind a step, and goes on. */
const resumed: RecordedWorld = {
  name: "resumed: a limit, then more",
  async record(t) {
    const world = await scriptedWorld(t, [...files, ...reads, done], { env: remembers });
    assert.equal((await world.run(["-c", "-l", "2"])).code, 5);
    const second = await world.run(["--resume", "-c", "-l", "9"]);
    assert.equal(second.code, 0, second.stderr);
    return world;
  },
};

const parked: RecordedWorld = {
  name: "parked, answered, and gone on with",
  async record(t) {
    const world = await scriptedWorld(t, [...files, done]);
    assert.equal((await world.run(["--on-approval", "park"])).code, 75);
    const [asked] = JSON.parse((await world.run(["questions", "--json"])).stdout) as { question: string }[];
    assert.equal((await world.run(["approve", "last", "--yes", asked?.question.slice(0, 12) ?? ""])).code, 0);
    assert.equal((await world.run(["--resume", "--on-approval", "park"])).code, 75);
    assert.equal((await world.run(["deny", "last", "--reason", "No more of it."])).code, 0);
    const last = await world.run(["--resume", "--on-approval", "ask", "-c"]);
    assert.equal(last.code, 0, last.stderr);
    return world;
  },
};

const forked: RecordedWorld = {
  name: "forked from a step",
  async record(t) {
    let script = [...files, ...reads, done];
    const answer: Script = ({ body }) => script[((body?.messages.length ?? 0) - 2) / 2] ?? done;
    const world = await scriptedWorld(t, answer, { env: { ...remembers, EMBEDDING_PROVIDER: "none" } });
    assert.equal((await world.run(["-c"])).code, 0);
    script = [...files, write("b.txt", "another\n"), done];
    const fork = await world.run(["--fork", "last", "--at", "2", "--yes", "-c"]);
    assert.equal(fork.code, 0, fork.stderr);
    return world;
  },
};

const hooked: RecordedWorld = {
  name: "hooks, one of which changes a command",
  async record(t) {
    const moves = `case $(tail -n 1 seen) in *a.txt*) echo '{"args": {"file": "moved.txt", "text": "other"}, "note": "moved it"}';; esac`;
    const hooks = { "run-start": "sh ./hook.sh", "before-command": "sh ./moves.sh", "after-command": "sh ./hook.sh" };
    const script = [write("a.txt", "x"), reply("list_files", { directory: "." }), done];
    const world = await worldWithHooks(t, hooks, script, { "moves.sh": moves });
    const { code, stderr } = await world.run(trusting);
    assert.equal(code, 0, stderr);
    return world;
  },
};

/** Tools of a server, one of which writes into the workspace. */
const tools: RecordedWorld = {
  name: "tools of an MCP server",
  async record(t) {
    const calls = [
      reply("test.echo", { text: "ho", times: 3 }),
      reply("test.fail"),
      reply("test.note", { file: "noted.txt" }),
      reply("test.picture"),
      reply("read_file", { file: "noted.txt" }),
    ];
    const world = await worldWith(t, calls);
    const { code, stderr } = await world.run(inContinuous);
    assert.equal(code, 0, stderr);
    return { ...world, run: (args, given) => world.run(args, given) };
  },
};

/** A program that is killed while a request is under way, and a run that goes on. */
const killed: RecordedWorld = {
  name: "killed in the middle of a request, and resumed",
  async record(t) {
    const world = await scriptedWorld(t, [...files, ...reads, done], { faults: { 2: "hang" } });
    const running = world.start(["-c"]);
    await world.server.arrived(3);
    running.child.kill("SIGKILL");
    await running.ended;
    const { code, stderr } = await world.run(["--resume", "-c"]);
    assert.equal(code, 0, stderr);
    return world;
  },
};

const agents = [
  reply("start_agent", { name: "Clerk", task: "remember", prompt: "The number is 41." }),
  "I know it.",
  reply("message_agent", { key: "0", message: "Which?" }),
  "41",
  reply("list_agents"),
  reply("delete_agent", { key: "0" }),
  done,
];

const over = { status: 429, body: { error: { message: "slow down", type: "requests", code: "rate_limit_exceeded" } } };

/** Runs of all kinds; the first five are the small suite's. */
export const recordedRuns: readonly RecordedWorld[] = [
  plain("files and recalled memories", [...files, ...reads, done], { env: remembers }),
  web,
  plain(
    "code: a program's output and what it changed",
    [
      write("a.txt", "one\n"),
      shell("date +%N > clock.txt; rm a.txt; echo made; cat clock.txt"),
      reply("read_file", { file: "clock.txt" }),
      shell("exit 3"),
      done,
    ],
    { env: unconfined },
  ),
  plain("sub-agents", agents),
  plain("retries and broken answers", [over, files[0] ?? "", { status: 500 }, "no JSON", done]),
  resumed,
  parked,
  forked,
  plain("questions answered at the console", [...files, ...reads, done], {
    args: [],
    input: "y\nno, rather read it\ny\ny\ny\ny\ny\n",
  }),
  hooked,
  tools,
  killed,
  plain("unknown commands and refusals", [
    reply("fly"),
    reply("read_file", {}),
    reply("read_file", { file: "../x" }),
    done,
  ]),
  plain(
    "a walk in a circle",
    Array.from({ length: 40 }, () => reply("read_file", { file: "none.txt" })),
    { code: 6 },
  ),
  plain("a limit of steps, with its last step", [...files, ...reads, done], { args: ["-c", "-l", "3"], code: 5 }),
  plain("a limit of dollars", [...files, ...reads, done], { args: ["-c", "--max-cost", "0.5"] }),
  plain("a limit of time", [...files, ...reads, done], { args: ["-c", "--max-time", "600"] }),
  plain("goals with checks", [done, write("a.txt", "right"), done], {
    ai: { goals: [{ goal: "It is right", checks: [{ file_contains: { file: "a.txt", pattern: "right" } }] }] },
  }),
  plain(
    "limits of time that were met, by a command and by a check",
    [
      write("a.txt", `${"a".repeat(40)}!`),
      reply("search_text", { pattern: "^(a+)+$" }),
      done,
      write("a.txt", "aaa"),
      done,
    ],
    {
      ai: { goals: [{ goal: "It ends", checks: [{ file_contains: { file: "a.txt", pattern: "^(a+)+$" } }] }] },
    },
  ),
  plain("goals with programs", [done, write("a.txt", "x"), done], {
    ai: { goals: [{ goal: "It is there", checks: [{ run: "test -f a.txt && date" }] }] },
    env: unconfined,
  }),
  plain(
    "python",
    [
      reply("write_to_file", { file: "a.py", text: "import random\nprint(random.random())" }),
      reply("execute_python_file", { file: "a.py" }),
      done,
    ],
    { env: unconfined },
  ),
  plain("models asked by commands", [
    reply("evaluate_code", { code: "x = 1" }),
    "Fine.",
    reply("write_tests", { code: "x", focus: "y" }),
    "None.",
    done,
  ]),
  plain(
    "memory that is written by hand",
    [reply("memory_add", { string: "The colour is purple." }), ...files, ...reads, done],
    { env: remembers },
  ),
  plain("long texts and odd ones", [write("a.txt", `\u{1f600}\u0000\u202e${"long ".repeat(20_000)}`), ...reads, done]),
];
