import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { stripOwnerMarks } from "../../../src/sandbox/process/owner-marks.js";
import { long, temporaryFolder } from "../../support/program.js";
import { needsPrograms, systemPython } from "../../support/services/services.js";

const modeOf = async (file: string): Promise<number> => (await stat(file)).mode & 0o7777;

async function markedFile(file: string): Promise<string> {
  await writeFile(file, "");
  await chmod(file, 0o6755);
  return file;
}

const linuxOnly = process.platform === "linux" ? false : "Linux only";

test("programs in a folder lose the marks that let them run as their owner", { skip: linuxOnly }, async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, "a", "b"), { recursive: true });
  const files = await Promise.all(["x", "a/x", "a/b/x"].map((name) => markedFile(join(folder, name))));
  await stripOwnerMarks(folder);
  for (const file of files) assert.equal(await modeOf(file), 0o755, file);
});

/** Names that change places, as fast as they can, between what is inside and links that lead out. */
const swapping = `
import os, sys
inside, outside = sys.argv[1:]
os.chdir(inside)
print("swapping", flush=True)
while True:
    for name, target in (("folder", outside), ("file", outside + "/file")):
        os.symlink(target, "link")
        os.rename(name, name + "-kept")
        os.rename("link", name)
        os.unlink(name)
        os.rename(name + "-kept", name)
    os.chmod("file", 0o6777)
`;

test("links put in the place of folders and files meanwhile change nothing outside", { skip: linuxOnly }, async (t) => {
  if (!(await needsPrograms(t, systemPython))) return;
  const folder = await temporaryFolder(t);
  const [inside, outside] = [join(folder, "inside"), join(folder, "outside")];
  await mkdir(join(inside, "folder"), { recursive: true });
  await mkdir(outside);
  const kept = await markedFile(join(outside, "file"));
  await markedFile(join(inside, "file"));
  const swapper = spawn("/usr/bin/python3", ["-c", swapping, inside, outside], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(swapper, "exit");
  const rounds = long ? 20_000 : 300;
  try {
    await once(swapper.stdout, "data");
    for (let round = 0; round < rounds; round++) await stripOwnerMarks(inside);
    assert.equal(swapper.exitCode, null, "names were swapped until the end");
  } finally {
    // The folder cannot be removed while names in it change.
    swapper.kill("SIGKILL");
    await exited;
  }
  t.diagnostic(`${rounds} rounds`);
  assert.equal(await modeOf(kept), 0o6755);
});
