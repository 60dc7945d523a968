import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { contentsOf } from "../../../src/fleet/folder/entry.js";
import { openStoreWithArtifacts } from "../../../src/fleet/artifacts/open-artifacts.js";
import { submitRun } from "../../../src/fleet/submit/submit-run.js";
import { carryRun } from "../../../src/fleet/worker/carry-run.js";
import { bin, temporaryFolder } from "../../support/program.js";
import { repliesShown, reply, startFakeOpenAi } from "../../support/services/fake-open-ai.js";
import { startRedis } from "../../support/services/redis-server.js";

const large = "0".repeat(1_200_000);
const script = [
  reply("execute_shell", { command_line: `head -c ${large.length} /dev/zero | tr '\\0' 0 > large.txt` }),
  reply("task_complete", { reason: "Done." }),
];
const settings = "ai_name: A\nai_role: an AI\nai_goals: [Write]\n";
const flags = ["--continuous", "--max-tokens=10m"];

type Trouble = {
  prepare?(place: string): boolean;
  begin(place: string): Promise<void>;
  end(place: string): Promise<void>;
  said: RegExp;
};

/** A run writes a large file while its place is in trouble: nothing more is done for it until that is over, and then all is there. */
async function waitsMeanwhile(t: TestContext, { prepare, begin, end, said }: Trouble): Promise<void> {
  const redis = await startRedis(t);
  if (redis === null) return;
  const folder = await temporaryFolder(t);
  const place = join(folder, "artifacts");
  await mkdir(place);
  if (prepare?.(place) === false) return t.skip("needs the right to mount a file system");
  const order: string[] = [];
  const model = await startFakeOpenAi({
    chat: async (request) => {
      const step = repliesShown(request);
      order.push(`request ${step + 1}`);
      if (step === 0) await begin(place);
      return script[step] ?? "nothing is left";
    },
  });
  t.after(() => model.close());
  const ended: Promise<void>[] = [];
  const told: string[] = [];
  const onTrouble = (text: string): void => {
    told.push(text);
    // The second attempt has failed as well: by now a run that did not wait would have gone on.
    if (told.length === 2) {
      order.push("trouble");
      ended.push(end(place).then(() => void order.push("over")));
    }
  };
  const address = `redis://127.0.0.1:${redis.port}`;
  const store = await openStoreWithArtifacts(address, { url: place, variable: () => undefined, onTrouble });
  t.after(() => store.close());
  const asked = { settings, begin: flags, resume: flags, after: [], priority: 100, tags: [] };
  const run = await submitRun(store, { order: asked, workspace: null, about: {} }, () => Promise.resolve());
  const carried = await carryRun({
    ...{ store, run, holder: "worker", folder: join(folder, "runs"), program: bin, cwd: folder, leaseMs: 600_000 },
    environment: {
      ...{ PATH: process.env["PATH"], HOME: folder, MEMORY_BACKEND: "no_memory" },
      ...{ EXECUTE_LOCAL_COMMANDS: "True", SANDBOX: "none", ALLOW_UNSANDBOXED_SHELL: "True", TAINT: "off" },
      ...{ OPENAI_API_KEY: "sk-of-the-worker", OPENAI_API_BASE_URL: model.url },
    },
    signal: new AbortController().signal,
  });
  await Promise.all(ended);
  assert.deepEqual(carried.kind === "done" && carried.end, { kind: "ended", exitCode: 0 }, JSON.stringify(carried));
  assert.deepEqual(order, ["request 1", "trouble", "over", "request 2"]);
  assert.match(told[0] ?? "", said);
  const stored = await store.read(run);
  const entry = stored?.files.get("workspace/large.txt");
  assert.ok(entry?.kind === "file");
  const parts = await store.contents(run, contentsOf(entry));
  assert.equal(Buffer.concat(parts.map((part) => part ?? Buffer.alloc(0))).toString("utf8"), large);
}

test("a run whose large files have no place for a while waits before its next act", async (t) => {
  await waitsMeanwhile(t, {
    begin: (place) => rename(place, `${place}.away`),
    end: (place) => rename(`${place}.away`, place),
    said: /cannot be used \(ENOENT/,
  });
});

test("a run whose large files have no room for a while waits before its next act", async (t) => {
  const mount = (...words: string[]): void => void execFileSync("mount", words, { stdio: "ignore" });
  // Before the folder that it lies in is removed.
  const mounted: string[] = [];
  t.after(() => mounted.forEach((place) => execFileSync("umount", [place])));
  await waitsMeanwhile(t, {
    prepare(place) {
      try {
        mount("-t", "tmpfs", "-o", "size=256k", "tmpfs", place);
      } catch {
        return false;
      }
      mounted.push(place);
      return true;
    },
    begin: () => Promise.resolve(),
    end: (place) => Promise.resolve(mount("-o", "remount,size=64m", place)),
    said: /cannot be used \(ENOSPC/,
  });
});
