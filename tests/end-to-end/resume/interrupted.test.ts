import assert from "node:assert/strict";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { JournalEvent } from "../../../src/history/events.js";
import { eventsOfType, lastJournal, long, temporaryFolder } from "../../support/program.js";
import { reply, type RecordedRequest } from "../../support/services/fake-open-ai.js";
import { bubblewrap, needsPrograms } from "../../support/services/services.js";
import { contentsOf } from "../support/folder-contents.js";
import { cutAfter, newestResult, scriptedWorld, type World } from "../support/scripted-world.js";

const script = [
  reply("write_to_file", { file: "a.txt", text: "one\n" }),
  reply("write_to_file", { file: "a.txt", text: "two\n" }),
  reply("write_to_file", { file: "a.txt", text: "two\n" }),
  reply("append_to_file", { file: "a.txt", text: "three\n" }),
  reply("append_to_file", { file: "new/log.txt", text: "first\n" }),
  reply("edit_file", { file: "a.txt", find: "two", replace: "zwei" }),
  reply("edit_file", { file: "a.txt", find: "not there", replace: "x" }),
  reply("copy_file", { file: "a.txt", to: "copies/b.txt" }),
  reply("move_file", { file: "copies", to: "kept" }),
  reply("move_file", { file: "kept/b.txt", to: "c.txt" }),
  reply("make_folder", { directory: "deep/er" }),
  reply("delete_file", { file: "c.txt" }),
  reply("delete_file", { file: "c.txt" }),
  reply("read_file", { file: "a.txt" }),
  reply("search_files", { directory: "" }),
  reply("do_nothing"),
  reply("start_agent", { name: "Clerk", task: "remember", prompt: "The number is 41." }),
  reply("message_agent", { key: "0", message: "What was the number?" }),
  reply("memory_add", { string: "a note" }),
  reply("list_agents"),
  reply("delete_agent", { key: "0" }),
  reply("task_complete", { reason: "Done." }),
];

const isAgents = ({ body }: RecordedRequest): boolean =>
  body?.messages[0]?.content.startsWith("You are Clerk") === true;

type Undisturbed = { world: World; journal: JournalEvent[]; places: string };

/** A run of the script, with the workspace as it was before each step in `places/STEP`. */
async function undisturbed(t: TestContext): Promise<Undisturbed> {
  const places = await temporaryFolder(t);
  let world: World | null = null;
  const chat = async (request: RecordedRequest): Promise<string> => {
    const messages = request.body?.messages ?? [];
    if (isAgents(request)) return `answer ${messages.length}`;
    const step = (messages.length - 2) / 2 + 1;
    const place = join(places, String(step));
    if (world !== null) await cp(join(world.folder, "workspace"), place, { recursive: true, errorOnExist: false });
    return script[step - 1] ?? "nothing is left";
  };
  world = await scriptedWorld(t, chat, { env: { SNAPSHOTS: "False", MEMORY_BACKEND: "local" } });
  await mkdir(join(world.folder, "workspace"));
  const { code, stderr } = await world.run(["-c"]);
  assert.equal(code, 0, stderr);
  await cp(join(world.folder, "workspace"), join(places, String(script.length + 1)), { recursive: true });
  return { world, journal: await world.journal(), places };
}

/** What a request says of the run so far: everything but its last message. */
const historyIn = (world: World, request: number) => world.messages(request).slice(0, -1);
const endOf = (journal: readonly JournalEvent[], step: number) =>
  eventsOfType(journal, "step-end").find((event) => event.step === step);

test("a step that was cut short, before or after its command was carried out, ends as if it had not been", async (t) => {
  const { world, journal, places } = await undisturbed(t);
  const file = await lastJournal(world.folder);
  const asked = new Map<number, number>();
  for (const [index, request] of world.server.chatRequests().entries())
    if (!isAgents(request)) asked.set(((request.body?.messages.length ?? 0) - 2) / 2 + 1, index);
  for (let step = 1; step < script.length; step += 1) {
    const started = journal.findIndex((event) => event.type === "command-start" && event.step === step);
    const kills = [["before", step] as const, ["after", step + 1] as const];
    // Half of them, in turn: a program that was cut short does not know which of the two it was.
    for (const [when, place] of long ? kills : kills.slice(step % 2).slice(0, 1)) {
      const where = `step ${step}, killed ${when} its command was carried out`;
      await writeFile(
        file,
        journal
          .slice(0, started + 1)
          .map((event) => `${JSON.stringify(event)}\n`)
          .join(""),
      );
      await rm(join(world.folder, "workspace"), { recursive: true });
      await cp(join(places, String(place)), join(world.folder, "workspace"), { recursive: true });
      const requests = world.server.chatRequests().length;
      await world.run(["--resume", "-l", String(step + 1)]);
      const now = await world.journal();
      const { result, outcome } = endOf(now, step) ?? {};
      assert.deepEqual(
        { result, outcome },
        (({ result: was, outcome: how }) => ({ result: was, outcome: how }))(endOf(journal, step) as never),
        where,
      );
      assert.deepEqual(
        contentsOf(join(world.folder, "workspace")),
        contentsOf(join(places, String(Math.min(step + 2, script.length + 1)))),
        where,
      );
      const next = world.server.chatRequests().findIndex((request, number) => number >= requests && !isAgents(request));
      assert.deepEqual(historyIn(world, next), historyIn(world, asked.get(step + 1) ?? -1), where);
      assert.equal(eventsOfType(now, "command-start").filter((event) => event.step === step).length, 1, where);
    }
  }
});

test("what cannot be found out is told with what was found, and not repeated", async (t) => {
  const world = await scriptedWorld(t, [
    reply("append_to_file", { file: "a.txt", text: "0123456789" }),
    reply("task_complete"),
    reply("task_complete"),
  ]);
  await world.run(["-c"]);
  await writeFile(join(world.folder, "workspace", "a.txt"), "by hand");
  await cutAfter(world, ({ type }) => type === "command-start");
  assert.equal((await world.run(["--resume"])).code, 0);
  assert.match(
    newestResult(world.messages(2)),
    /Command append_to_file returned: Error: .* may or may not have happened: look before you repeat it\. Now "a\.txt" is a file of 7 bytes; before it was not there, and was to become a file of 10 bytes\./,
  );
  const [end] = eventsOfType(await world.journal(), "step-end");
  assert.deepEqual([end?.outcome, end?.interrupted], ["unfinished", "unknown"]);
  assert.equal(await world.file("a.txt"), "by hand");
});

test("a text with a key, which the journal has masked, is not written from the journal", async (t) => {
  const key = "sk-planted-0123456789abcdef";
  const write = reply("write_to_file", { file: "key.txt", text: `key=${key}` });
  const world = await scriptedWorld(t, [write, reply("task_complete"), reply("task_complete")], {
    env: { OPENAI_API_KEY: key },
  });
  await world.run(["-c"]);
  await rm(join(world.folder, "workspace", "key.txt"));
  await cutAfter(world, ({ type }) => type === "command-start");
  await world.run(["--resume"]);
  assert.match(newestResult(world.messages(2)), /may or may not have happened/);
  await assert.rejects(world.file("key.txt"), { code: "ENOENT" });
});

test("a program that was cut short is run again only where the user's rules call it repeatable", async (t) => {
  if (!(await needsPrograms(t, bubblewrap))) return;
  const shell = reply("execute_shell", { command_line: "sh add.sh" });
  for (const [more, lines, found] of [
    ["", 1, "unknown"],
    ['approve:\n  execute_shell:\n    "sh *": always repeatable\n', 2, "again"],
    ["approve:\n  execute_shell: always repeatable\n", 2, "again"],
  ] as const) {
    const world = await scriptedWorld(t, [shell, reply("task_complete"), reply("task_complete")], {
      ai: { more },
      env: { EXECUTE_LOCAL_COMMANDS: "True", SANDBOX: "bubblewrap" },
    });
    await mkdir(join(world.folder, "workspace"));
    await writeFile(join(world.folder, "workspace", "add.sh"), "echo line >> log.txt\n");
    await world.run(["-c"]);
    await cutAfter(world, ({ type }) => type === "command-start");
    assert.equal((await world.run(["--resume"])).code, 0);
    const text = await world.file("log.txt").catch(() => "");
    const [end] = eventsOfType(await world.journal(), "step-end");
    assert.deepEqual([text, end?.interrupted], ["line\n".repeat(lines), found], more);
  }
});

test("what y -N still allows holds after a kill, and no more than that", async (t) => {
  const world = await scriptedWorld(t, () => reply("do_nothing"));
  await world.run(["-y"], { input: "y -4\nn\n" });
  assert.equal(eventsOfType(await world.journal(), "command-start").length, 4);
  await cutAfter(world, (event) => event.type === "step-end" && event.step === 2);
  const { code } = await world.run(["--resume"], { input: "n\n" });
  assert.equal(code, 4);
  const journal = await world.journal();
  assert.deepEqual(
    eventsOfType(journal, "command-start").map(({ step, allowed }) => [step, allowed]),
    [
      [1, 3],
      [2, 2],
      [3, 1],
      [4, undefined],
    ],
  );
  assert.deepEqual(
    eventsOfType(journal, "command-asked").map(({ step }) => step),
    [1, 5],
  );
});
