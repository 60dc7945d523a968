import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { assertValid, validatorOf } from "../../support/json-schema.js";
import { eventsOfType, lastJournal, repository } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { newestResult } from "../support/scripted-world.js";
import { done, inContinuous, worldWith } from "./mcp-world.js";

const ask = reply("test.ask", {});

test("what a server asks in a call is a question to the user: field by field, each checked, sent to the server alone", async (t) => {
  const world = await worldWith(t, [ask, reply("test.visit", {})], { mode: "ask" });
  // The AI of the settings is kept; then the answers.
  const input = ["y", "y", "A", "Ada", "old", "36", "", "y", "y"].join("\n");
  const { code, stdout, stderr } = await world.run(["--trust-extensions"], { input: `${input}\ny\n` });
  assert.equal(code, 0, stderr);
  const shown = stdout + stderr;
  assert.match(shown, /The server of test\.ask asks you:\s+(?:\|? *)Who are you\?/);
  assert.doesNotMatch(shown, /\u001b\[2J/);
  assert.match(shown, /Your name \(text\): /);
  assert.match(shown, /This does not fit/);
  assert.match(shown, /colour \(one of red, green; "green" if left empty\): /);
  assert.match(shown, /pay\.example, which is not opened for you:\s+(?:\|? *)https:\/\/pay\.example\/form\?id=1/);
  assert.match(
    newestResult(world.messages(1)),
    /\{"action":"accept","content":\{"name":"Ada","age":36,"colour":"green","member":true\}\}/,
  );
  assert.match(newestResult(world.messages(2)), /\naccept/);
  const journal = await world.journal();
  for (const event of journal) assertValid(validatorOf("events"), event);
  assert.deepEqual(
    eventsOfType(journal, "user-questioned").map(({ step, from, fields, reply: said }) => [
      step,
      from,
      fields.length,
      said,
    ]),
    [
      [1, "test.ask", 4, "answered"],
      [2, "test.visit", 0, "answered"],
    ],
  );
  // What was typed stands there in what the server said of it, and nowhere else.
  const cassette = await readFile(join(dirname(await lastJournal(world.folder)), "cassette.jsonl"), "utf8");
  assert.match(cassette, /"of":"command"/);
  assert.doesNotMatch(cassette, /user-question|old\b/);
});

test("where nobody can be asked, it is declined; with --on-approval park the run ends, and goes on with another call", async (t) => {
  const declined = await worldWith(t, [ask], { mode: "ask" });
  assert.equal((await declined.run(inContinuous)).code, 0);
  assert.match(newestResult(declined.messages(1)), /\{"action":"decline"\}/);

  const world = await worldWith(t, [ask, ask, done], { mode: "ask" });
  const parked = await world.run([...inContinuous, "--on-approval", "park"]);
  assert.equal(parked.code, 75, parked.stderr);
  assert.deepEqual(
    eventsOfType(await world.journal(), "user-questioned").map(({ reply: said }) => said),
    ["nobody"],
  );
  const more = await world.run(["--resume", "--on-approval", "ask"], { input: "n\n" });
  assert.equal(more.code, 0, more.stderr);
  assert.match(newestResult(world.messages(1)), /\{"action":"cancel"\}\n\[The server asked the user: "Who are you\?/);
  assert.match(newestResult(world.messages(2)), /\{"action":"decline"\}/);
  assert.deepEqual((await world.calls()).filter((call) => call === "ask {}").length, 2);
});

test("a call that takes something of the user at an address first parks the run, which goes on with another call once they have done it", async (t) => {
  const asking = join(repository, "tests", "end-to-end", "mcp", "asking-server.mjs");
  const locked = reply("test.locked", {});
  const world = await worldWith(t, [locked, locked, done], { server: { args: [asking] } });
  const parked = await world.run([...inContinuous, "--on-approval", "park"]);
  assert.equal(parked.code, 75, parked.stderr);
  const [waiting] = JSON.parse((await world.run(["questions", "--json"])).stdout) as { server: object }[];
  assert.match(JSON.stringify(waiting?.server), /Log in there.*https:\/\/login\.example\/\?a=1/);
  await writeFile(join(world.folder, "changed"), "");
  assert.equal((await world.run(["answer", "--values", "{}"])).code, 0);
  assert.equal((await world.run(["--resume"])).code, 0);
  assert.match(
    newestResult(world.messages(1)),
    /Error: test\.locked was not carried out: the server wants the user to do something at login\.example first, and nobody has said that it is done\.\n\[The server asked the user: "Log in there"/,
  );
  assert.match(newestResult(world.messages(2)), /\nlet in/);
  assert.deepEqual(await world.calls(), ["locked: refused", "locked: open"]);
});
