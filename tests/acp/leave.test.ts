import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { long } from "../support/program.js";
import { reply } from "../support/services/fake-open-ai.js";
import { acpWorld } from "./acp-world.js";

const append = (text: string): string => reply("append_to_file", { file: "a.txt", text: `${text}\n` });

/** Messages of the program between which an editor leaves: each of them, or two. */
const moments = long ? Array.from({ length: 40 }, (_, index) => index + 1) : [9, 16];

test("wherever an editor goes away, the session goes on in another one, and nothing is done twice", async (t) => {
  for (const moment of moments) {
    const world = await acpWorld(t, ({ body }) => {
      const seen = JSON.stringify(body);
      const word = ["one", "two"].find((each) => !seen.includes(`${each}\\\\n`));
      return word === undefined ? reply("task_complete", { reason: "done" }) : append(word);
    });
    let heard = 0;
    let leave = (): void => undefined;
    const left = new Promise<void>((resolve) => (leave = resolve));
    const first = await world.editor({ hear: () => ++heard === moment && leave() });
    const session = await first.open();
    const answered = first.prompt(session, "Append the words").catch(() => null);
    await Promise.race([left, answered]);
    await first.leave();
    await answered;

    const second = await world.editor();
    const loading = { sessionId: session, cwd: world.folder, mcpServers: [] };
    const isKnown = await second.agent.request("session/load", loading).then(
      () => true,
      () => false,
    );
    const goesOn = isKnown ? second.prompt(session, "go on") : second.prompt(await second.open(), "Append the words");
    assert.deepEqual(await goesOn, { stopReason: "end_turn" }, `message ${moment}`);
    assert.equal(await readFile(join(world.folder, "a.txt"), "utf8"), "one\ntwo\n", `message ${moment}`);
    await second.leave();
  }
});
