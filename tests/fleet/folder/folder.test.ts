import assert from "node:assert/strict";
import { appendFile, chmod, lstat, mkdir, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { layOut } from "../../../src/fleet/folder/lay-out.js";
import { scanFolder, type KnownFolder } from "../../../src/fleet/folder/scan.js";
import type { FileEntry } from "../../../src/fleet/folder/entry.js";
import { contentsOf } from "../../end-to-end/support/folder-contents.js";
import { temporaryFolder } from "../../support/program.js";

/** A folder whose parts are kept in memory, and how many bytes were kept so far. */
function watched(root: string) {
  const known: KnownFolder = new Map();
  const kept = new Map<string, Buffer>();
  let bytes = 0;
  return {
    known,
    bytes: () => bytes,
    scan: () =>
      scanFolder(
        {
          root,
          isLeftOut: (path) => path === "left-out",
          artifacts: null,
          add({ hash }, content) {
            bytes += content.length;
            kept.set(hash, Buffer.from(content));
          },
        },
        known,
      ),
    contents: (hashes: readonly string[]) => Promise.resolve(hashes.map((hash) => kept.get(hash) ?? null)),
  };
}

const entries = (known: KnownFolder): Map<string, FileEntry> =>
  new Map([...known].map(([path, { entry }]) => [path, entry]));

test("a folder is laid out elsewhere as it was: files, folders, links, modes", async (t) => {
  const [root, other] = [await temporaryFolder(t), join(await temporaryFolder(t), "new")];
  await mkdir(join(root, "deep", "empty"), { recursive: true });
  await mkdir(join(root, "left-out"));
  await writeFile(join(root, "left-out", "x"), "x");
  await writeFile(join(root, "deep", "large.bin"), Buffer.alloc(1_300_000, "ab"));
  await writeFile(join(root, "run.sh"), "#!/bin/sh\n", { mode: 0o755 });
  await writeFile(join(root, "nothing"), "");
  await symlink("../outside", join(root, "deep", "link"));
  await chmod(join(root, "deep"), 0o555);
  const { known, scan, contents } = watched(root);
  await scan();
  assert.deepEqual(await scan(), []);
  await layOut(other, entries(known), contents);
  await chmod(join(root, "deep"), 0o755);
  assert.equal((await lstat(join(other, "deep"))).mode & 0o777, 0o555);
  await chmod(join(other, "deep"), 0o755);
  assert.equal((await lstat(join(other, "run.sh"))).mode & 0o777, 0o755);
  assert.equal(await readlink(join(other, "deep", "link")), "../outside");
  await rm(join(root, "left-out"), { recursive: true });
  for (const folder of [root, other]) await rm(join(folder, "deep", "link"));
  assert.deepEqual(contentsOf(other), contentsOf(root));
});

test("what is changed, removed or made is told, and a file that grows costs about what is new", async (t) => {
  const root = await temporaryFolder(t);
  const { known, bytes, scan, contents } = watched(root);
  await writeFile(join(root, "log"), "");
  await writeFile(join(root, "gone"), "gone");
  await scan();
  const line = Buffer.alloc(1_000, "l");
  for (let lines = 0; lines < 200; lines += 1) {
    await appendFile(join(root, "log"), line);
    assert.deepEqual(
      (await scan()).map(([path]) => path),
      ["log"],
    );
  }
  // Anew at each line it would have been 20 MB; parts are joined as the file doubles.
  assert.ok(bytes() < 200 * 1_000 * 9, `${bytes()} bytes`);
  const log = known.get("log")?.entry;
  assert.ok(log?.kind === "file" && log.parts.length < 10);
  await rm(join(root, "gone"));
  await writeFile(join(root, "log"), "anew");
  assert.deepEqual(
    (await scan()).map(([path, entry]) => [path, entry?.kind]),
    [
      ["log", "file"],
      ["gone", undefined],
    ],
  );
  const other = join(await temporaryFolder(t), "new");
  await layOut(other, entries(known), contents);
  assert.deepEqual(contentsOf(other), { log: "anew" });
});

test("nothing is laid out outside of the folder, and a part that is lost is told", async (t) => {
  const folder = join(await temporaryFolder(t), "new");
  const none = (): Promise<(Buffer | null)[]> => Promise.resolve([null]);
  for (const path of ["../x", "a/../../x", "/x", "a//b", ""])
    await assert.rejects(
      layOut(folder, new Map([[path, { kind: "folder", mode: 0o755 }]]), none),
      /lies in no run's folder/,
    );
  const lost: FileEntry = { kind: "file", mode: 0o644, parts: [{ hash: "0".repeat(64), length: 1 }] };
  await assert.rejects(layOut(folder, new Map([["x", lost]]), none), /has lost a part of/);
});
