import assert from "node:assert/strict";
import { test } from "node:test";
import { createRunTable } from "../../../src/subcommands/mcp/serve/run-table.js";

test("a run that cannot even be started leaves its place to the next one", async () => {
  let isBroken = true;
  const table = createRunTable((_args, { event }) => {
    if (isBroken) throw new TypeError("a program cannot be started so");
    event('{"type":"run-start","run":"one"}');
    return { ended: new Promise(() => undefined), stop: () => undefined };
  }, 1);
  await assert.rejects(table.start(["--ai-goal=x"]), /cannot be started so/);
  isBroken = false;
  assert.equal(await table.start(["--ai-goal=x"]), "one");
  await assert.rejects(table.start(["--ai-goal=y"]), /1 run is at work/);
});
