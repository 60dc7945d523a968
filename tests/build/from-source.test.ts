import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { repository, temporaryFolder } from "../support/program.js";
import { runNode } from "./copy.js";

test("the source runs without a build, and so does what it starts", async (t) => {
  const tsx = join(repository, "node_modules", "tsx", "dist", "cli.mjs");
  const folder = await temporaryFolder(t);
  const { code, output } = await runNode([tsx, join(repository, "src", "cli.ts"), "demo"], folder);
  assert.equal(code, 0, output);
  assert.match(output, /The result, workspace\/note\.md:\n\n(?!\(there is no note)/);
});
