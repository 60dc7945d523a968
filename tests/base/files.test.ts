import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { replaceFile, replaceFileSync, sizeOf } from "../../src/base/files.js";
import { codeOf, isMissing, nullIfMissing } from "../../src/base/system-error.js";
import { temporaryFolder } from "../support/program.js";
import { sourceLoader } from "../support/source-loader.js";

const modeOf = async (file: string): Promise<number> => (await stat(file)).mode & 0o777;

test("a file is replaced as a whole, keeps its permissions, and a new one is for its owner alone", async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, "notes.txt");
  await replaceFile(file, "one");
  assert.equal(await readFile(file, "utf8"), "one");
  if (process.platform !== "win32") assert.equal(await modeOf(file), 0o600);
  await chmod(file, 0o640);
  await replaceFile(file, "two");
  assert.equal(await readFile(file, "utf8"), "two");
  if (process.platform !== "win32") assert.equal(await modeOf(file), 0o640);
  assert.deepEqual(await readdir(folder), ["notes.txt"]);
});

test("a replacement that fails midway leaves the old content and nothing else", async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, "notes.txt");
  await writeFile(file, "old");
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("new");
    await Promise.reject(new Error("the source broke"));
  }
  await assert.rejects(replaceFile(file, broken()), /the source broke/);
  assert.equal(await readFile(file, "utf8"), "old");
  assert.deepEqual(await readdir(folder), ["notes.txt"]);
});

test("what stands in the way of a replacement is thrown, and no draft stays", async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, "taken", "inside"), { recursive: true });
  await assert.rejects(replaceFile(join(folder, "taken"), "text"), (thrown) => codeOf(thrown) !== undefined);
  assert.throws(
    () => replaceFileSync(join(folder, "taken"), "text"),
    (thrown) => codeOf(thrown) !== undefined,
  );
  assert.deepEqual(await readdir(folder), ["taken"]);
  replaceFileSync(join(folder, "small.json"), "{}");
  assert.equal(await readFile(join(folder, "small.json"), "utf8"), "{}");
});

test("a missing file has no size and is null; every other error is thrown on", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, "four"), "four");
  assert.equal(await sizeOf(join(folder, "four")), 4);
  assert.equal(await sizeOf(join(folder, "none")), 0);
  assert.equal(await stat(join(folder, "none")).catch(nullIfMissing), null);
  await assert.rejects(stat(join(folder, "four", "below")).catch(nullIfMissing), (thrown) => !isMissing(thrown));
});

test("the code of a system error is the innermost among its causes", () => {
  const inner = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
  assert.equal(codeOf(new Error("outer", { cause: inner })), "ECONNREFUSED");
  assert.equal(codeOf(Object.assign(new Error("x", { cause: inner }), { code: "OUTER" })), "ECONNREFUSED");
  for (const thrown of [new Error("plain"), Object.assign(new Error("n"), { code: 7 }), "ENOENT", null, undefined])
    assert.equal(codeOf(thrown), undefined);
});

test("what a process that was killed left of a replacement is removed by the next one, and nothing else is", async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, "models.json");
  const { pid: ended } = spawnSync(process.execPath, ["--eval", ""]);
  const abandoned = `models.json.${ended}-${randomUUID()}.tmp`;
  const kept = [
    `models.json.${process.pid}-${randomUUID()}.tmp`,
    `other.json.${ended}-${randomUUID()}.tmp`,
    "models.json.tmp",
  ];
  for (const replace of [() => replaceFile(file, "new"), async () => replaceFileSync(file, "new")]) {
    for (const name of [abandoned, ...kept]) await writeFile(join(folder, name), "half");
    await replace();
    assert.deepEqual((await readdir(folder)).sort(), ["models.json", ...kept].sort());
  }
});

// Only who may mount can try it: a file that is mounted by itself cannot be replaced, only written.
const mayMount = spawnSync("unshare", ["-m", "true"]).status === 0;

test("a file that is mounted by itself is written in place, longer or shorter, and no draft stays", async (t) => {
  if (!mayMount) return t.diagnostic("not tried: nothing can be mounted here");
  const folder = await temporaryFolder(t);
  for (const name of ["host", "mounted"]) await writeFile(join(folder, name), "the content before, which is long");
  const module = new URL("../../src/base/files.ts", import.meta.url).href;
  const script = `import { replaceFile, replaceFileSync } from ${JSON.stringify(module)};
    import { readFileSync } from "node:fs";
    async function* parts() { yield Buffer.from("in "); yield Buffer.from("parts"); }
    const found = () => console.log(readFileSync("mounted", "utf8"));
    await replaceFile("mounted", "short"); found();
    await replaceFile("mounted", "longer ".repeat(9)); found();
    await replaceFile("mounted", parts()); found();
    replaceFileSync("mounted", "at once"); found();`;
  const command = 'mount --bind host mounted && exec "$0" --import "$2" --input-type=module -e "$1"';
  const { stdout, stderr } = spawnSync("unshare", ["-m", "sh", "-c", command, process.execPath, script, sourceLoader], {
    cwd: folder,
    encoding: "utf8",
  });
  assert.deepEqual(stdout.trimEnd().split("\n"), ["short", "longer ".repeat(9), "in parts", "at once"], stderr);
  assert.equal(await readFile(join(folder, "host"), "utf8"), "at once");
  assert.deepEqual((await readdir(folder)).sort(), ["host", "mounted"]);
});

test("in a folder that takes no new file, one that is there is written in place", async (t) => {
  if (!mayMount) return t.diagnostic("not tried: nothing can be mounted here");
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, "closed"));
  for (const name of ["host", join("closed", "mounted")]) await writeFile(join(folder, name), "before");
  const module = new URL("../../src/base/files.ts", import.meta.url).href;
  const script = `import { replaceFile, replaceFileSync } from ${JSON.stringify(module)};
    await replaceFile("closed/mounted", "one"); replaceFileSync("closed/mounted", "two");
    await replaceFile("closed/new", "x").catch((error) => console.log(error.code));`;
  const command =
    'mount --bind closed closed && mount -o remount,ro,bind closed && mount --bind host closed/mounted && exec "$0" --import "$2" --input-type=module -e "$1"';
  const { stdout, stderr } = spawnSync("unshare", ["-m", "sh", "-c", command, process.execPath, script, sourceLoader], {
    cwd: folder,
    encoding: "utf8",
  });
  assert.equal(stdout.trimEnd(), "EROFS", stderr);
  assert.equal(await readFile(join(folder, "host"), "utf8"), "two");
});
