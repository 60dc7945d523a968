import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { JournalEvent, RunEnd } from "../../../src/history/events.js";
import type { Message } from "../../../src/model/model.js";
import { eventsOfType } from "../../support/program.js";
import { reply, type RecordedRequest } from "../../support/services/fake-open-ai.js";
import { contentsOf } from "../support/folder-contents.js";
import { journalWrites } from "../support/journal-writes.js";
import { scriptedWorld, type World } from "../support/scripted-world.js";

/** Everything that a run can do, each of it once; what the programs do may be done twice. */
const script = [
  reply("write_to_file", { file: "a.txt", text: "one\n" }),
  reply("append_to_file", { file: "a.txt", text: "two\n" }),
  reply("start_agent", { name: "Clerk", task: "remember", prompt: "The number is 41." }),
  reply("append_to_file", { file: "new/log.txt", text: "first\n" }),
  reply("execute_shell", { command_line: "printf shell > shell.txt" }),
  reply("edit_file", { file: "a.txt", find: "two", replace: "zwei" }),
  reply("message_agent", { key: "0", message: "What was the number?" }),
  reply("memory_add", { string: "a note" }),
  reply("write_to_file", { file: "run.py", text: "open('python.txt', 'w').write('python')\n" }),
  reply("execute_python_file", { file: "run.py" }),
  reply("append_to_file", { file: "a.txt", text: "three\n" }),
  reply("copy_file", { file: "a.txt", to: "b.txt" }),
  reply("move_file", { file: "b.txt", to: "kept/c.txt" }),
  reply("make_folder", { directory: "deep/er" }),
  reply("delete_file", { file: "shell.txt" }),
  reply("read_file", { file: "a.txt" }),
  reply("task_complete", { reason: "Done." }),
];
/** Of these nobody can know what came of them. */
const unknowable = new Set(["execute_shell", "execute_python_file"]);

const isUnknown = (message: Message): boolean => message.content.includes("may or may not have happened");

/** What a model says that does again only what it is told may not have happened. */
function answer({ body }: RecordedRequest): string {
  const messages = body?.messages ?? [];
  if (messages[0]?.content.startsWith("You are Clerk")) return `answer to ${messages.at(-1)?.content}`;
  const results = messages.slice(1, -1).filter((_message, index) => index % 2 === 1);
  return script[results.filter((message) => !isUnknown(message)).length] ?? "nothing is left";
}

/** Where a process kills itself: right before or behind a call of this name, the how manieth of those that concern the run. */
export type KillPoint = {
  call: "journal" | "rename" | "unlink" | "mkdir" | "write";
  when: "before" | "after";
  number: number;
};

/** Counts the calls that change the journal or the workspace, and kills the process at one of them. */
const killer = `
const fs = require("node:fs");
const promises = require("node:fs/promises");
const [wanted, when, number] = (process.env.KILL_AT ?? "").split(":");
const counts = { journal: 0, rename: 0, unlink: 0, mkdir: 0, write: 0 };
const die = () => process.kill(process.pid, "SIGKILL");
const strikes = (call) => (counts[call] += 1) === Number(number) && call === wanted;
const isOurs = (path) => /workspace|autogpt-append|\\/proc\\/self\\/fd\\//.test(String(path));
const wrap = (call, name) => {
  const original = promises[name];
  promises[name] = async (...given) => {
    if (!given.some(isOurs)) return original(...given);
    const struck = strikes(call);
    if (struck && when === "before") die();
    const result = await original(...given);
    if (struck && when === "after") die();
    return result;
  };
};
wrap("rename", "rename");
wrap("unlink", "unlink");
wrap("mkdir", "mkdir");
const { open } = promises;
promises.open = async (path, ...given) => {
  const handle = await open(path, ...given);
  const { write } = handle;
  handle.write = async (...bytes) => {
    const struck = strikes("write");
    if (struck && when === "before") die();
    const result = await write.apply(handle, bytes);
    if (struck && when === "after") die();
    return result;
  };
  return handle;
};
const aroundJournal = (write) => {
  const struck = strikes("journal");
  if (struck && when === "before") die();
  const result = write();
  if (struck && when === "after") die();
  return result;
};
${journalWrites}
require("node:module").syncBuiltinESMExports();
process.on("exit", () => process.env.KILL_REPORT && fs.writeFileSync(process.env.KILL_REPORT, JSON.stringify(counts)));
`;

const env = {
  MEMORY_BACKEND: "local",
  EMBEDDING_PROVIDER: "none",
  EXECUTE_LOCAL_COMMANDS: "True",
  SANDBOX: "bubblewrap",
  SHELL_COMMAND_CONTROL: "off",
};

/** A world with the script, and what kills there. */
export type KilledWorld = { world: World; killAt: Record<string, string>; report: string };

export async function killedWorld(t: TestContext): Promise<KilledWorld> {
  const world = await scriptedWorld(t, answer, { env });
  const [file, report] = [join(world.folder, "killer.cjs"), join(world.folder, "calls.json")];
  writeFileSync(file, killer);
  return { world, report, killAt: { NODE_OPTIONS: `--require ${JSON.stringify(file)}` } };
}

/** What a run that nobody disturbs does, and how many of the calls at which others are killed it makes. */
export type Undisturbed = {
  files: Record<string, string>;
  journal: JournalEvent[];
  counts: Record<KillPoint["call"], number>;
  ms: number;
};

export async function undisturbed(t: TestContext): Promise<Undisturbed> {
  const { world, killAt, report } = await killedWorld(t);
  const began = Date.now();
  const { code, stderr } = await world.run(["-c"], { env: { ...killAt, KILL_REPORT: report } });
  assert.equal(code, 0, stderr);
  const counts = JSON.parse(await readFile(report, "utf8")) as Undisturbed["counts"];
  const files = contentsOf(join(world.folder, "workspace"));
  return { files, journal: await world.journal(), counts, ms: Date.now() - began };
}

/** Runs in a process of its own, which is killed at this point, and then, undisturbed, to the end; checks all that must be so. */
export async function killedAt(
  t: TestContext,
  { call, when, number }: KillPoint,
  whole: Undisturbed,
): Promise<boolean> {
  const { world, killAt } = await killedWorld(t);
  const where = `killed ${when} ${call} number ${number}`;
  const struck = await world.run(["-c"], { env: { ...killAt, KILL_AT: `${call}:${when}:${number}` } });
  if (struck.signal !== "SIGKILL") assert.equal(struck.code, 0, `${where}\n${struck.stderr}`);
  await endsAsUndisturbed(world, whole, where);
  await rm(world.folder, { recursive: true, force: true });
  return struck.signal === "SIGKILL";
}

/** Goes on with whatever was left, in this process, and compares the end with that of a run that was not disturbed. */
export async function endsAsUndisturbed(world: World, whole: Undisturbed, where: string): Promise<void> {
  const resumed = await world.run(["--resume", "-c"]);
  const hasNoRun = resumed.code === 2 && /There is no run to resume/.test(resumed.stderr);
  const ended = hasNoRun ? await world.run(["-c"]) : resumed;
  assert.equal(ended.code, 0, `${where}\n${ended.stderr}`);
  const journal = await world.journal();
  sameSteps(journal, whole.journal, where);
  assert.deepEqual(contentsOf(join(world.folder, "workspace")), whole.files, where);
  totalsAddUp(journal, where);
  historyIsWhole(world, journal, where);
}

/** Each step ends once and as it would have; one that nobody can know of is told so, and done again by the model. */
function sameSteps(journal: readonly JournalEvent[], undisturbed: readonly JournalEvent[], where: string): void {
  const seqs = journal.map(({ seq }) => seq);
  assert.deepEqual(
    seqs,
    seqs.map((_seq, index) => index + 1),
    where,
  );
  const starts = eventsOfType(journal, "command-start").map(({ step }) => step);
  assert.deepEqual(starts, [...new Set(starts)], `${where}: a command was started twice`);
  const ends = eventsOfType(journal, "step-end");
  for (const { interrupted, command } of ends)
    if (interrupted === "unknown") assert.ok(unknowable.has(command?.name ?? ""), `${where}: ${command?.name}`);
  const told = ends.filter(({ interrupted }) => interrupted !== "unknown");
  const facts = ({ command, outcome, result }: (typeof ends)[number]) => ({
    command,
    outcome,
    text: result.text,
    ok: result.ok,
  });
  assert.deepEqual(told.map(facts), eventsOfType(undisturbed, "step-end").map(facts), where);
}

/** What the run used is what was settled, and for each request that was never answered all that was set aside. */
function totalsAddUp(journal: readonly JournalEvent[], where: string): void {
  let [open, costUsd] = [0, 0];
  let waiting: number[] = [];
  for (const event of journal) {
    if (event.type === "model-requested") waiting.push(event.reservedUsd);
    if (event.type === "model-replied" || event.type === "model-retry" || event.type === "model-failed") {
      costUsd += event.costUsd;
      waiting = waiting.slice(1);
    }
    if (event.type !== "run-resumed") continue;
    open += waiting.length;
    costUsd += waiting.reduce((sum, reserved) => sum + reserved, 0);
    waiting = [];
  }
  const { usage } = journal.at(-1) as JournalEvent & RunEnd;
  assert.equal(usage.requests, eventsOfType(journal, "model-requested").length, where);
  assert.ok(
    Math.abs(usage.costUsd - costUsd) < 1e-9,
    `${where}: ${usage.costUsd} and not ${costUsd}, with ${open} unanswered`,
  );
}

/** The last request shows every step before it, and nothing else. */
function historyIsWhole(world: World, journal: readonly JournalEvent[], where: string): void {
  const requests = world.server.chatRequests().map(({ body }) => body?.messages ?? []);
  const last = requests.findLast((messages) => !messages[0]?.content.startsWith("You are Clerk")) ?? [];
  const results = last.slice(1, -1).filter((_message, index) => index % 2 === 1);
  const ends = eventsOfType(journal, "step-end").slice(0, results.length);
  for (const [index, { result }] of ends.entries())
    assert.ok(results[index]?.content.includes(result.text), `${where}: step ${index + 1} is told otherwise`);
}
