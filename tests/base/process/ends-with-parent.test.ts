import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { temporaryFolder } from "../../support/program.js";
import { sourceLoader } from "../../support/source-loader.js";

const source = fileURLToPath(new URL("../../../src/base/process/ends-with-parent.ts", import.meta.url));

/** Looks for its parent, and once more when their channel is closed; it says what it hears. */
const child = `
import { endWithParent } from ${JSON.stringify(pathToFileURL(source).href)};
// To listen to the parent keeps no process.
const kept = setInterval(() => 0, 1000);
endWithParent(() => console.log("heard"));
process.once("disconnect", () => setImmediate(() => {
  clearInterval(kept);
  console.log(process.channel === null);
  endWithParent(() => console.log("gone already"));
}));
process.send("listening");
`;

test("a process hears that its parent has gone, also where that was before it listened", async (t) => {
  const file = join(await temporaryFolder(t), "child.mjs");
  await writeFile(file, child);
  const running = spawn(process.execPath, ["--import", sourceLoader, file], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  t.after(() => running.kill("SIGKILL"));
  const said = text(running.stdout as Readable);
  await once(running, "message");
  running.disconnect();
  assert.equal(await said, "heard\ntrue\ngone already\n");
});
