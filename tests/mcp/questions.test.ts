import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import type { ElicitRequestParams } from "@modelcontextprotocol/client";
import { QuestionOver } from "../../src/commands/user-question.js";
import type { AskUser } from "../../src/mcp/connect/connected.js";
import { hostile, textOf } from "./hostile-world.js";

const accepted = { action: "accept" as const, content: {} };

test("of questions that come at once one stands at a time; too many, and too long ones, are declined", async (t) => {
  const shown: string[] = [];
  let standing = 0;
  const ask: AskUser = async ({ message }) => {
    shown.push(`${message} (${++standing})`);
    await new Promise((resolve) => setImmediate(resolve));
    standing -= 1;
    return accepted;
  };
  const two = await hostile(t, "asks twice at once");
  assert.equal(textOf(await two.call(ask)), JSON.stringify([accepted, accepted]));
  assert.deepEqual(shown.splice(0), ["one (1)", "two (1)"]);
  const often = await hostile(t, "asks often");
  const actions = JSON.parse(textOf(await often.call(ask))) as { action: string }[];
  assert.equal(shown.length, 20);
  assert.deepEqual(
    [actions.length, actions.filter(({ action }) => action === "accept").length, actions.at(-1)?.action],
    [31, 20, "decline"],
  );
});

for (const [mode, kind] of [
  ["asks and dies", "unknown"],
  ["asks and answers", "answered"],
] as const)
  test(`${mode}: a question that nobody waits for any more lapses, and the call is over`, async (t) => {
    const { call, left } = await hostile(t, mode, { once: true });
    let reason: unknown;
    const ask: AskUser = async (_params, signal) => {
      const over = new Promise<never>((_resolve, reject) =>
        signal.addEventListener("abort", () => {
          reason = signal.reason;
          reject(signal.reason as Error);
        }),
      );
      // The server may have gone on before the file is known to be written.
      over.catch(() => undefined);
      await writeFile(left, "");
      return over;
    };
    assert.equal((await call(ask)).kind, kind);
    assert.ok(reason instanceof QuestionOver);
  });

test("a call that the user has to do something for first asks them where, is not carried out, and is not repeated", async (t) => {
  const where = { mode: "url", message: "Log in there", url: "https://login.example/x?y=1", elicitationId: "e1" };
  const refused = (elicitations: unknown) =>
    `"error":${JSON.stringify({ code: -32042, message: "first log in", data: { elicitations } })}`;
  const { call, calls } = await hostile(t, "", { answer: refused([where, { url: "no address" }, null]) });
  const shown: ElicitRequestParams[] = [];
  for (const [action, told] of [
    [
      "accept",
      /wants the user to do something at login\.example first, and the user says that it is done: use the command again/,
    ],
    ["decline", /at login\.example first, and the user was not asked, or does not want to/],
    ["cancel", /at login\.example first, and nobody has said that it is done/],
  ] as const) {
    const outcome = await call((params) => {
      shown.push(params);
      return Promise.resolve({ action });
    });
    assert.match(outcome.kind === "not-done" ? outcome.problem : "", told);
  }
  assert.deepEqual(shown, [where, where, where]);
  assert.match(JSON.stringify(await call()), /not-done.*the user was not asked/);
  assert.equal(await calls(), 4);

  const odd = await hostile(t, "", { answer: refused("none") });
  assert.equal(textOf(await odd.call()), "first log in");
});
