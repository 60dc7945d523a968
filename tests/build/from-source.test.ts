import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { scriptedWorld } from "../end-to-end/support/scripted-world.js";
import { makePdf } from "../support/documents/documents.js";
import { long, repository, temporaryFolder } from "../support/program.js";
import { runNode } from "./copy.js";

const tsx = join(repository, "node_modules", "tsx", "dist", "cli.mjs");
const source = join(repository, "src", "cli.ts");

test("the source runs without a build, and so does what it starts", async (t) => {
  const world = await scriptedWorld(t, [], { env: { MEMORY_BACKEND: "local" } });
  await mkdir(join(world.folder, "workspace"));
  await writeFile(join(world.folder, "workspace", "birds.pdf"), makePdf("Herons stand in water."));
  const { code, stderr } = await world.run([source, "ingest", "--file", "birds.pdf"], { program: tsx });
  assert.equal(code, 0, stderr);
  const embedded = world.server.requests.flatMap(({ body }) => body?.input ?? []).join("\n");
  assert.match(embedded, /Herons stand in water\./, "read by a process of its own");
});

if (long)
  test("the demo, which starts the program once more, runs from source", async (t) => {
    const folder = await temporaryFolder(t);
    const { code, output } = await runNode([tsx, source, "demo"], folder);
    assert.equal(code, 0, output);
    assert.match(output, /The result, workspace\/note\.md:\n\n(?!\(there is no note)/);
  });
