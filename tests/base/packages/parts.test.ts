import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parts } from "../../../src/base/packages/parts.js";
import { repository, runProgram, temporaryFolder } from "../../support/program.js";

const manifest = async (folder: string) =>
  JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as {
    name: string;
    version: string;
    peerDependencies: Record<string, string>;
    peerDependenciesMeta: Record<string, { optional: boolean }>;
  };

test("each part is an optional peer, and is installed with the version that is tested here", async () => {
  const { peerDependencies, peerDependenciesMeta } = await manifest(repository);
  const packages = Object.values(parts).flatMap((part) => Object.entries<string>(part.packages));
  assert.deepEqual(packages.map(([name]) => name).sort(), Object.keys(peerDependencies).sort());
  for (const [name, wanted] of packages) {
    assert.equal(peerDependenciesMeta[name]?.optional, true, name);
    const { name: real, version } = await manifest(join(repository, "node_modules", name));
    assert.equal(wanted, real === name ? version : `npm:${real}@${version}`);
  }
});

test("add lists the parts, shows what it would run, names a part that there is not, and says when npm is missing", async (t) => {
  const cwd = await temporaryFolder(t);
  const env = { XDG_DATA_HOME: join(cwd, "data"), PATH: join(cwd, "nothing") };
  const run = (...args: string[]) => runProgram({ cwd, args: ["add", ...args], env });
  const listed = await run();
  assert.match(listed.stdout, /^ {2}browser +(?:installed|\d+ MB) +for pages that need their scripts/m);
  const shown = await run("pinecone", "--dry-run");
  assert.match(
    shown.stdout,
    /npm install --prefix \S+\/data\/autogpt\/packages --save-exact .*@pinecone-database\/pinecone@\d/,
  );
  const wrong = await run("brwser");
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /There is no part "brwser" to add \(did you mean browser\?\)/);
  const without = await run("google");
  assert.equal(without.code, 2);
  assert.match(without.stderr, /npm is not on the PATH/);
});

test("what was added is found where the program itself has no such package", async (t) => {
  const home = await temporaryFolder(t);
  const added = join(home, "autogpt", "packages", "node_modules", "of-somebody");
  await mkdir(added, { recursive: true });
  await writeFile(join(added, "package.json"), '{"name":"of-somebody","type":"module","exports":"./index.js"}');
  await writeFile(join(added, "index.js"), "export const answer = 42;\n");
  const { findInPackages, loadPackage } = await import("../../../src/base/packages/added.js");
  const before = process.env["XDG_DATA_HOME"];
  t.after(() => (before === undefined ? delete process.env["XDG_DATA_HOME"] : (process.env["XDG_DATA_HOME"] = before)));
  process.env["XDG_DATA_HOME"] = home;
  const missing = (): Promise<{ answer: number }> =>
    Promise.reject(Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" }));
  assert.equal((await loadPackage("of-somebody", missing)).answer, 42);
  assert.notEqual(findInPackages("of-somebody/package.json"), undefined);
  await assert.rejects(loadPackage("of-nobody", missing), /Cannot find package/);
  const broken = (): Promise<never> => Promise.reject(new Error("it is broken"));
  await assert.rejects(loadPackage("of-somebody", broken), /it is broken/);
});
