import assert from "node:assert/strict";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { searchText } from "../../../src/commands/files/search/search-text.js";
import { openWorkspace } from "../../../src/workspace/workspace.js";
import { commandOnce } from "../../support/once.js";
import { temporaryFolder } from "../../support/program.js";
import { requireProgram, ripgrep } from "../../support/services/services.js";

test("with ripgrep a search finds the same as without, in whatever encoding, and nothing that is out of reach", async (t) => {
  const program = await requireProgram(t, [ripgrep[0]], ripgrep[1]);
  if (program === null) return;
  const folder = await temporaryFolder(t);
  const root = join(folder, "ws");
  await mkdir(join(root, "many"), { recursive: true });
  const contents: Record<string, string | Buffer> = {
    "plain.txt": "one\nthe Needle_1 here\n",
    "mark.txt": "\ufeffneedle_2\n",
    "le.txt": Buffer.from("\ufeffneedle_3\r\nmore\n", "utf16le"),
    "bare-le.txt": Buffer.from("plain\nneedle_4\n", "utf16le"),
    "be.txt": Buffer.from("\ufeffneedle_5\n", "utf16le").swap16(),
    "latin.txt": Buffer.from("größer needle_6\n", "latin1"),
    "binary.dat": Buffer.from("\0\x01\x02needle_7\0\0\xff"),
    "kelvin.txt": "nee\u212a needle_8\n",
    ".env": "needle_secret\n",
    ".gitignore": "left-out.txt\n",
    "left-out.txt": "needle_9\n",
    "-n": "needle_10\n",
    "large.txt": `${"x".repeat(5 * 1024 * 1024)}\nneedle_11\n`,
  };
  for (const [name, content] of Object.entries(contents)) await writeFile(join(root, name), content);
  await writeFile(join(folder, "outside.txt"), "needle_outside\n");
  await symlink(join(folder, "outside.txt"), join(root, "out"));
  await symlink("plain.txt", join(root, "within"));
  for (let number = 0; number < 300; number += 1)
    await writeFile(join(root, "many", `${number}.txt`), `line\nneedle many ${"z".repeat(number % 7)}\n`.repeat(3));
  const at = (found: string | null) =>
    openWorkspace({
      root,
      forbidden: [],
      temporaryDirectory: join(folder, "temporary"),
      ripgrep: () => Promise.resolve(found),
    });
  const [fast, own] = await Promise.all([at(program), at(null)]);
  for (const args of [
    { pattern: "needle_\\w+" },
    { pattern: "NEEDLE_\\d", ignore_case: true },
    { pattern: "nee[k\u212a] needle", ignore_case: true },
    { pattern: "needle many z{3}$" },
    { pattern: "needle" },
    { pattern: "^größer" },
    { pattern: "nothing of it" },
  ]) {
    const context = { fitting: (text: string) => text.length, signal: new AbortController().signal };
    const [found, expected] = await Promise.all(
      [fast, own].map((workspace) => commandOnce(searchText, args, { ...context, workspace })),
    );
    assert.equal(found?.text, expected?.text);
    if (args.pattern === "needle_\\w+") assert.match(found?.text ?? "", /^7 lines in 7 files/);
    assert.doesNotMatch(found?.text ?? "", /secret|outside|needle_9|needle_11/);
  }
});

test("a program of this name that lies in the workspace is not run", async (t) => {
  const folder = await temporaryFolder(t);
  const root = join(folder, "ws");
  await mkdir(root);
  const program = join(root, "rg");
  await writeFile(program, `#!/bin/sh\ntouch '${join(root, "ran")}'\n`);
  await chmod(program, 0o755);
  for (let number = 0; number < 250; number += 1) await writeFile(join(root, `${number}.txt`), "needle\n");
  const workspace = await openWorkspace({
    root,
    forbidden: [],
    temporaryDirectory: join(folder, "temporary"),
    ripgrep: () => Promise.resolve(program),
  });
  const context = { workspace, fitting: (text: string) => text.length, signal: new AbortController().signal };
  const { text } = await commandOnce(searchText, { pattern: "needle" }, context);
  assert.match(text, /^250 lines in 250 files/);
  assert.equal(await workspace.stat("ran"), null);
});
