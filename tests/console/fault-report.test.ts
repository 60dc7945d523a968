import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { build } from "esbuild";
import { faultReport } from "../../src/console/fault-report.js";
import { withSourcePlaces } from "../../src/console/source-places.js";
import { temporaryFolder } from "../support/program.js";

const source = `export const fail = (text: string): never => {
  const { length } = text;

  throw new TypeError(\`broken after \${length}\`);
};
`;

/** What is thrown in a bundle that has a source map beside it. */
async function thrownInBundle(t: TestContext): Promise<{ folder: string; stack: string }> {
  const folder = await temporaryFolder(t);
  writeFileSync(join(folder, "fail.ts"), source);
  await build({
    absWorkingDir: folder,
    entryPoints: ["fail.ts"],
    outdir: join(folder, "dist of it"),
    outExtension: { ".js": ".cjs" },
    bundle: true,
    format: "cjs",
    minifyWhitespace: true,
    sourcemap: "external",
  });
  const { fail } = createRequire(import.meta.url)(join(folder, "dist of it", "fail.cjs")) as {
    fail(text: string): never;
  };
  try {
    return fail("four");
  } catch (thrown) {
    return { folder, stack: (thrown as Error).stack ?? "" };
  }
}

test("a stack names the places of the sources where a bundle has a source map beside it", async (t) => {
  const { stack } = await thrownInBundle(t);
  const [first, place, next] = withSourcePlaces(stack).split("\n");
  assert.equal(first, "TypeError: broken after 4");
  assert.equal(place, "    at fail (fail.ts:4:9)");
  assert.equal(next, stack.split("\n")[2], "places of other files stay as they are");
});

test("a stack without a map, or with one that cannot be read, stays as it is", async (t) => {
  const { folder, stack } = await thrownInBundle(t);
  writeFileSync(join(folder, "dist of it", "fail.cjs.map"), "{");
  assert.equal(withSourcePlaces(stack), stack);
  const strange = "Error: (nothing.js:1:2)\n    at nowhere.js:1:2\n    at async file:///no/where.mjs:3:4";
  assert.equal(withSourcePlaces(strange), strange);
});

test("a fault's report says what ran where, the run, what to look at and whom to tell", () => {
  const facts = { version: "1.2.3", bugs: "https://example.com/issues" };
  assert.deepEqual(faultReport("thrown", { ...facts, run: "run-7" }).split("\n"), [
    `autogpt 1.2.3, Node ${process.version}, ${process.platform} ${process.arch}, run run-7`,
    'Run "autogpt doctor" to see whether something around the program is to blame.',
    "If nothing is, please report these lines at https://example.com/issues",
  ]);
  assert.match(faultReport(new RangeError("too far"), { ...facts, run: null }), /^RangeError: too far\n +at [^]*\d\n/);
});
