import assert from "node:assert/strict";
import { chmod, mkdir, realpath, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { test, type TestContext } from "node:test";
import { findProgram } from "../../src/base/find-program.js";
import { findVoices } from "../../src/speech/find-voice.js";
import { loadSettings } from "../../src/settings/load.js";
import { findBrowser } from "../../src/web/browser/find-browser.js";
import { temporaryFolder } from "../support/program.js";

async function program(folder: string, name: string, mode = 0o755): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, name);
  await writeFile(file, "#!/bin/sh\n");
  await chmod(file, mode);
  return file;
}

/** A current folder in which whatever the search looks for lies, as a page or a model could have put it there. */
async function hostileFolder(t: TestContext, names: readonly string[]): Promise<string> {
  const folder = await temporaryFolder(t);
  for (const name of names) {
    await program(folder, name);
    await program(join(folder, "bin"), name);
  }
  const before = process.cwd();
  process.chdir(folder);
  t.after(() => process.chdir(before));
  return folder;
}

const relative = [".", "", "bin", "./bin"].join(delimiter);

test("the first program of a name is found that can be run; folders and plain files are passed over", async (t) => {
  const folder = await realpath(await temporaryFolder(t));
  await mkdir(join(folder, "one", "tool"), { recursive: true });
  await program(join(folder, "two"), "tool", 0o644);
  const found = await program(join(folder, "three"), "tool");
  await program(join(folder, "four"), "tool");
  const path = ["one", "two", "none", "three", "four"].map((name) => join(folder, name)).join(delimiter);
  assert.equal(await findProgram("tool", path), found);
  assert.equal(await findProgram("other", path), null);
  assert.equal(await findProgram("tool", path, { platform: "win32" }), null);
  assert.equal(await findProgram("tool", path, { below: [join(folder, "four")] }), join(folder, "four", "tool"));
});

test("a link counts by where it leads, where a place is asked for", async (t) => {
  const folder = await realpath(await temporaryFolder(t));
  const real = await program(join(folder, "home"), "tool");
  await mkdir(join(folder, "system"));
  await symlink(real, join(folder, "system", "tool"));
  const path = join(folder, "system");
  assert.equal(await findProgram("tool", path), join(path, "tool"));
  assert.equal(await findProgram("tool", path, { below: [path] }), null);
});

test("nothing in the current folder is taken for a program, whatever PATH says: programs, voices, players, browsers", async (t) => {
  const folder = await hostileFolder(t, ["tool", "espeak-ng", "spd-say", "mpg123", "chromium", "my-browser"]);
  assert.equal(await findProgram("tool", relative), null);
  assert.equal(await findProgram("tool", [relative, folder].join(delimiter)), join(folder, "tool"));
  const { settings } = await loadSettings({ cwd: folder, environment: {} });
  const place = { environment: { PATH: relative }, platform: "linux" as const };
  assert.deepEqual((await findVoices(settings, place, () => assert.fail("nothing is paid for"))).voices, []);
  assert.equal(await findBrowser({ name: "my-browser", searchPath: relative }), null);
  assert.equal(await findBrowser({ name: "my-browser", searchPath: folder }), join(folder, "my-browser"));
  assert.notEqual(await findBrowser({ searchPath: relative }), "chromium");
});

test("a browser that was named is looked for by its name alone; a path is taken as it is", async (t) => {
  const folder = await temporaryFolder(t);
  const chrome = await program(folder, "google-chrome");
  await program(folder, "chromium");
  assert.equal(await findBrowser({ name: "chrome", searchPath: folder }), chrome);
  assert.equal(await findBrowser({ searchPath: folder }), join(folder, "chromium"));
  assert.equal(await findBrowser({ name: "unheard-of", searchPath: folder }), null);
  assert.equal(await findBrowser({ path: chrome, searchPath: "" }), chrome);
  assert.equal(await findBrowser({ path: join(folder, "gone"), name: "chromium", searchPath: folder }), null);
});
