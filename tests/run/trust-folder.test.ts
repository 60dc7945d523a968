import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { requireFolderTrust, requireStateTrust } from "../../src/run/trust/trust-folder.js";
import { runInProcess } from "../support/in-process.js";
import { temporaryFolder } from "../support/program.js";

test("a cloned folder needs a yes once; the user's own needs none", async (t) => {
  const folder = await temporaryFolder(t);
  const [own, cloned] = [join(folder, "own"), join(folder, "cloned")];
  const line = (what: string): string => `0000 1111 Somebody <a@b> 1700000000 +0000\t${what}\n`;
  for (const [root, what] of [
    [own, "commit (initial): x"],
    [cloned, "clone: from https://example.org/x.git"],
  ] as const) {
    await mkdir(join(root, ".git", "logs"), { recursive: true });
    await writeFile(join(root, ".git", "logs", "HEAD"), line(what) + line("clone: from nowhere"));
  }
  const file = join(folder, "state", "trusted-extensions.json");
  let asked = 0;
  const answering = (yes: boolean) => ({
    file,
    ask: () => {
      asked += 1;
      return Promise.resolve(yes);
    },
  });
  const nobody = { file, ask: null };
  await requireFolderTrust(own, nobody, false);
  await requireFolderTrust(join(folder, "missing"), nobody, false);
  await assert.rejects(requireFolderTrust(cloned, nobody, false), /was cloned from elsewhere.*--trust-folder/);
  await assert.rejects(requireFolderTrust(cloned, answering(false), false), { name: "SettingsError" });
  await requireFolderTrust(cloned, answering(true), false);
  await requireFolderTrust(cloned, nobody, false);
  assert.equal(asked, 2);
});

test("a folder of another user needs a yes, which the flag gives", async (t) => {
  if (process.getuid?.() !== 0) return t.diagnostic("only root can give a folder away");
  const folder = await temporaryFolder(t);
  const { chown } = await import("node:fs/promises");
  const theirs = join(folder, "theirs");
  await mkdir(theirs);
  await chown(theirs, 1234, 1234);
  const trust = { file: join(folder, "state", "trusted-extensions.json"), ask: null };
  await assert.rejects(requireFolderTrust(theirs, trust, false), /belongs to another user/);
  await requireFolderTrust(theirs, trust, true);
  await requireFolderTrust(theirs, trust, false);
});

test("a folder of state that came with a repository needs a yes; one that git does not know needs none", async (t) => {
  const folder = await temporaryFolder(t);
  const trust = { file: join(folder, "state", "trusted-extensions.json"), ask: null };
  const home = join(folder, "repo", "sub", ".autogpt");
  await mkdir(home, { recursive: true });
  await mkdir(join(folder, "repo", ".git"));
  const index = (version: number, path: string): Buffer =>
    Buffer.concat([Buffer.from("DIRC"), Buffer.from([0, 0, 0, version, 0, 0, 0, 1]), Buffer.from(`${path}\0`)]);
  await requireStateTrust(home, trust, false);
  for (const [version, path, isForeign] of [
    [2, "sub/.autogpt-notes", false],
    [2, ".autogpt/x", false],
    [2, "sub/.autogpt/runs/a", true],
    [2, "sub/.autogpt", true],
    [4, "b/.autogpt/c", true],
  ] as const) {
    await writeFile(join(folder, "repo", ".git", "index"), index(version, path));
    const trusted = requireStateTrust(home, trust, false);
    if (isForeign) await assert.rejects(trusted, /came with the repository.*--trust-folder/, path);
    else await trusted;
  }
  await requireStateTrust(home, trust, true);
  await requireStateTrust(home, trust, false);
});

test("where nobody can answer nothing is asked: neither for trust nor who the AI is", async (t) => {
  const folder = await temporaryFolder(t);
  const nothing = openSync("/dev/null", "r");
  t.after(() => closeSync(nothing));
  const env = { OPENAI_API_KEY: "sk-test-0123456789", OPENAI_API_BASE_URL: "http://127.0.0.1:9/v1" };
  const run = (args: readonly string[]) => runInProcess({ cwd: folder, args, env, fd: nothing });
  const unnamed = await run([]);
  assert.deepEqual([unnamed.code, unnamed.stdout], [2, ""]);
  assert.match(unnamed.stderr, /ai_settings\.yaml does not exist/);
  await mkdir(join(folder, ".git"));
  await mkdir(join(folder, ".autogpt"));
  await writeFile(join(folder, ".git", "index"), Buffer.from("DIRC\0\0\0\x02\0\0\0\x01.autogpt/runs/x\0", "latin1"));
  for (const args of [["--resume"], ["a goal"]]) {
    const { code, stdout, stderr } = await run(args);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /you have not said that you trust what is in it\. .*--trust-folder/);
  }
});
