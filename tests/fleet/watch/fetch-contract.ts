import assert from "node:assert/strict";
import { chmod, lstat, mkdir, readFile, readlink, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openStore } from "../../../src/fleet/store/open-store.js";
import { submitRun } from "../../../src/fleet/submit/submit-run.js";
import { carryRun } from "../../../src/fleet/worker/carry-run.js";
import { runInProcess } from "../../support/in-process.js";
import { repliesShown, reply, startFakeOpenAi } from "../../support/services/fake-open-ai.js";
import { bin, temporaryFolder } from "../../support/program.js";

const script = [
  reply("read_file", { file: "tool.sh" }),
  reply("write_to_file", { file: "made/notes.txt", text: "one" }),
  reply("task_complete", { reason: "Done." }),
];
const settings = "ai_name: Clerk\nai_role: an AI that works in a fleet\nai_goals:\n  - Write notes\n";
const order = { settings, begin: ["-c"], resume: ["-c"], after: [], priority: 100, tags: [] };

/** What holds for bringing runs back, whichever store they are in; `url` is that of a store. */
export function fetchContract(name: string, url: () => string): void {
  test(`${name}: what a run made is brought back, with its journal, and nothing is written over`, async (t) => {
    const folder = await temporaryFolder(t);
    const from = join(folder, "project");
    await mkdir(from);
    const large = Buffer.alloc(2_500_000, "0123456789abcdef");
    await writeFile(join(from, "large.bin"), large);
    await writeFile(join(from, "tool.sh"), "#!/bin/sh\n");
    await chmod(join(from, "tool.sh"), 0o755);
    await symlink("tool.sh", join(from, "link"));
    const model = await startFakeOpenAi({ chat: (request) => script[repliesShown(request)] ?? "nothing is left" });
    t.after(() => model.close());
    const store = await openStore(url());
    t.after(() => store.close());
    const run = await submitRun(store, { order, workspace: from, about: {} }, () => Promise.resolve());
    const env = { QUEUE_URL: url(), MEMORY_BACKEND: "no_memory" };
    const type = (cwd: string, ...args: string[]) => runInProcess({ cwd, args, input: "", env });

    const early = await type(folder, "fleet", "fetch", run, "--to", "early");
    assert.equal(early.code, 0, early.stderr);
    assert.match(early.stdout, /^3 files in .*workspace\. It has not begun.* It is waiting/);

    const environment = {
      ...{ PATH: process.env["PATH"], HOME: folder, MEMORY_BACKEND: "no_memory", OPENAI_API_KEY: "sk-desk" },
      OPENAI_API_BASE_URL: model.url,
    };
    const carried = await carryRun({
      ...{ store, run, holder: "worker", folder: join(folder, "runs"), program: bin, cwd: folder },
      ...{ environment, leaseMs: 60_000, signal: new AbortController().signal },
    });
    assert.equal(carried.kind, "done", JSON.stringify(carried));

    const unknown = await type(folder, "runs", "show", run.slice(-12));
    assert.equal(unknown.code, 2);
    assert.ok(unknown.stderr.includes(`autogpt fleet fetch ${run}`), unknown.stderr);
    assert.doesNotMatch((await type(folder, "runs", "show", "nobody")).stderr, /fleet/);

    const fetched = await type(folder, "fleet", "fetch", run.slice(-12), "--to", "back");
    assert.equal(fetched.code, 0, fetched.stderr);
    const there = join(folder, "back", run);
    assert.deepEqual((await readdir(there)).sort(), [".autogpt", "ai_settings.yaml", "workspace"]);
    assert.deepEqual(await readdir(join(folder, "back")), [run], "no draft is left");
    const workspace = join(there, "workspace");
    assert.equal(await readFile(join(workspace, "made", "notes.txt"), "utf8"), "one");
    assert.ok((await readFile(join(workspace, "large.bin"))).equals(large));
    assert.equal(await readlink(join(workspace, "link")), "tool.sh");
    assert.equal((await lstat(join(workspace, "tool.sh"))).mode & 0o777, 0o755);
    for (const [words, says] of [
      [["runs", "show", run], /Done\./],
      [["diff", run], /made\/notes\.txt/],
    ] as const) {
      const { code, stdout, stderr } = await type(there, ...words);
      assert.equal(code, 0, stderr);
      assert.match(stdout, says);
    }

    // Each of these works on what lies here, and on nothing of the worker's.
    const asked = model.chatRequests().length;
    const replayed = await type(there, "replay", run);
    assert.equal(replayed.code, 0, replayed.stdout + replayed.stderr);
    const bundle = await type(there, "bundle", run);
    assert.equal(bundle.code, 0, bundle.stderr);
    assert.match(bundle.stdout + bundle.stderr, /3 files of its workspace/);
    const undone = await type(there, "undo", run);
    assert.equal(undone.code, 0, undone.stdout + undone.stderr);
    await assert.rejects(lstat(join(workspace, "made", "notes.txt")), { code: "ENOENT" });
    assert.ok((await readFile(join(workspace, "large.bin"))).equals(large));
    assert.equal(model.chatRequests().length, asked);
    await mkdir(join(workspace, "made"), { recursive: true });

    await writeFile(join(workspace, "made", "notes.txt"), "mine");
    const again = await type(folder, "fleet", "fetch", run, "--to", "back");
    assert.equal(again.code, 2);
    assert.ok(again.stderr.includes(there), again.stderr);
    assert.equal(await readFile(join(workspace, "made", "notes.txt"), "utf8"), "mine");
    await store.remove(run);
  });
}
