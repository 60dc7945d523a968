import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { ToolCall } from "@agentclientprotocol/sdk";
import { eventsOfType } from "../support/program.js";
import { reply } from "../support/services/fake-open-ai.js";
import { acpWorld, type Editor } from "./acp-world.js";

const done = reply("task_complete", { reason: "It is written." });
const write = (file: string, text: string, thoughts = {}): string => reply("write_to_file", { file, text }, thoughts);
const toolsOf = ({ updates }: Editor) =>
  updates.filter(({ sessionUpdate }) => sessionUpdate === "tool_call" || sessionUpdate === "tool_call_update");

test("a prompt is the goal of a run in the session's folder, and all of it is seen: thoughts, plan, commands with diffs, the end", async (t) => {
  const { folder, ...world } = await acpWorld(t, [
    write("a.txt", "two\n", { text: "I write it.", plan: "- write it\n- look at it", speak: "Here we go." }),
    done,
  ]);
  await writeFile(join(folder, "a.txt"), "one\n");
  const editor = await world.editor();
  const session = await editor.open();
  assert.deepEqual(await editor.prompt(session, "Write two into a.txt"), { stopReason: "end_turn" });
  assert.equal(await readFile(join(folder, "a.txt"), "utf8"), "two\n");

  const [start] = eventsOfType(await world.journal(), "run-start");
  assert.deepEqual(start?.goals, ["Write two into a.txt"]);
  assert.deepEqual([start?.workspace, start?.session], [folder, { id: session, cwd: folder }]);

  assert.match(editor.text("agent_thought_chunk"), /I write it\./);
  assert.match(
    editor.text("agent_message_chunk"),
    /Here we go\.[^]*It is written\.[^]*claimed: Write two into a\.txt[^]*2 steps, \$/,
  );
  const plans = editor.updates.flatMap((one) => (one.sessionUpdate === "plan" ? [one.entries] : []));
  assert.deepEqual(plans[0], [
    { content: "write it", priority: "medium", status: "in_progress" },
    { content: "look at it", priority: "medium", status: "pending" },
  ]);
  const tools = toolsOf(editor).filter((one) => "toolCallId" in one && one.toolCallId.endsWith(":1"));
  const diff = { type: "diff", path: join(folder, "a.txt"), oldText: "one\n", newText: "two\n" };
  assert.deepEqual(
    tools.map((one) => [one.sessionUpdate, "status" in one ? one.status : null]),
    [
      ["tool_call", "pending"],
      ["tool_call_update", "in_progress"],
      ["tool_call_update", "completed"],
    ],
  );
  const { title, kind, locations, rawInput } = tools[0] as ToolCall;
  assert.deepEqual(
    { title, kind, locations, rawInput },
    {
      ...{ title: "write_to_file: a.txt", kind: "edit", locations: [{ path: join(folder, "a.txt") }] },
      rawInput: { file: "a.txt", text: "two\n" },
    },
  );
  const shown = (tools.at(-1) as ToolCall).content ?? [];
  assert.deepEqual([shown[0], shown[1]?.type], [diff, "content"]);
  const [asked] = editor.permissions;
  assert.deepEqual(asked?.toolCall.content, [diff]);
  assert.deepEqual(
    asked?.options.map(({ kind }) => kind),
    ["allow_once", "allow_always", "reject_once"],
  );
  assert.equal(await editor.leave(), 0);
});
