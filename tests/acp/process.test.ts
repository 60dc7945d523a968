import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { eventsOfType, startProgram, type Running } from "../support/program.js";
import { reply } from "../support/services/fake-open-ai.js";
import { acpWorld, connect, type AcpWorld, type Editor, type EditorOptions } from "./acp-world.js";

const done = reply("task_complete", { reason: "done" });
const write = (file: string): string => reply("write_to_file", { file, text: "x" });

/** The program as editors start it. */
async function started(
  t: TestContext,
  { folder, environment }: AcpWorld,
  options: EditorOptions = {},
): Promise<{ running: Running; editor: Editor }> {
  const running = startProgram({ cwd: folder, args: ["acp"], env: environment, openInput: true });
  t.after(() => running.child.kill("SIGKILL"));
  const { stdin, stdout } = running.child;
  if (stdin === null || stdout === null) throw new Error("They are pipes.");
  const exit = running.ended.then(({ code }) => code ?? -1);
  return { running, editor: await connect(t, { input: stdin, output: stdout, exit, folder }, options) };
}

test("the program parks when its editor goes away, is gone on with after a kill, and writes nothing but the protocol", async (t) => {
  const world = await acpWorld(t, [write("a.txt"), write("b.txt"), done]);
  const first = await started(t, world, { answer: () => null });
  const session = await first.editor.open();
  const lost = first.editor.prompt(session, "Write").catch(() => null);
  await first.editor.sees(() => first.editor.permissions.length === 1);
  assert.equal(await first.editor.leave(), 75);
  await lost;
  assert.equal(eventsOfType(await world.journal(), "command-parked").length, 1);

  const second = await started(t, world, {
    answer: ({ toolCall }) => (toolCall.title?.includes("b.txt") ? null : "yes"),
  });
  await second.editor.agent.request("session/load", { sessionId: session, cwd: world.folder, mcpServers: [] });
  const killed = second.editor.prompt(session, "go on").catch(() => null);
  await second.editor.sees(() => second.editor.permissions.length === 2);
  second.running.child.kill("SIGKILL");
  await second.running.ended;
  await killed;

  const third = await started(t, world);
  await third.editor.agent.request("session/load", { sessionId: session, cwd: world.folder, mcpServers: [] });
  assert.deepEqual(await third.editor.prompt(session, "go on"), { stopReason: "end_turn" });
  for (const file of ["a.txt", "b.txt"]) assert.equal(await readFile(join(world.folder, file), "utf8"), "x");

  // Every line has been looked at by the protocol's schema on its way.
  const prompt = third.editor.prompt(session, "Once more");
  await prompt.catch(() => null);
  third.running.child.kill("SIGTERM");
  const { code, stderr } = await third.running.ended;
  assert.equal(code, 143, stderr);
});
