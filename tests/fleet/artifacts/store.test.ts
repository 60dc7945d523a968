import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { markName } from "../../../src/fleet/artifacts/same-place.js";
import { openStoreWithArtifacts } from "../../../src/fleet/artifacts/open-artifacts.js";
import { openStore } from "../../../src/fleet/store/open-store.js";
import { StoreDownError, type RunStore } from "../../../src/fleet/store/run-store.js";
import { submitRun } from "../../../src/fleet/submit/submit-run.js";
import { createMirror } from "../../../src/fleet/worker/mirror.js";
import { makeRunFolder, type RunFolder } from "../../../src/fleet/worker/run-folder.js";
import { runInProcess } from "../../support/in-process.js";
import { temporaryFolder } from "../../support/program.js";
import { startRedis } from "../../support/services/redis-server.js";
import { wholeFile } from "../../support/services/services.js";

const file = wholeFile();
const server = await startRedis(file);
const address = server === null ? "" : `redis://127.0.0.1:${server.port}`;
const order = { settings: "ai_name: A\n", begin: ["-c"], resume: ["-c"], after: [], priority: 100, tags: [] };
const large = randomBytes(5_000_000);

/** A new fleet whose large files lie in a folder, and a run of it whose workspace has a large file and a small one. */
async function given(t: TestContext) {
  await server?.command("FLUSHALL");
  const folder = await temporaryFolder(t);
  const place = join(folder, "artifacts");
  await mkdir(place);
  const workspace = join(folder, "workspace");
  await mkdir(workspace);
  await writeFile(join(workspace, "large.bin"), large);
  await writeFile(join(workspace, "small.txt"), "small");
  const said: string[] = [];
  const open = (url: string | undefined = place): Promise<RunStore> =>
    openStoreWithArtifacts(address, { url, variable: () => undefined, onTrouble: (text) => said.push(text) });
  const store = await open();
  t.after(() => store.close());
  const run = await submitRun(store, { order, workspace, about: {} }, () => Promise.resolve());
  return { folder, place, store, run, said, open };
}

/** What a worker has that takes the run: its folder, and what keeps it. */
async function taken(store: RunStore, run: string, root: string) {
  const lease = await store.acquire(run, "worker", 60_000);
  assert.ok(typeof lease === "object");
  const stored = await store.read(run);
  assert.ok(stored !== null);
  const { epoch } = lease;
  const mirror = createMirror({
    ...{ store, root, stored, status: stored.status },
    lease: { run, epoch, lost: new AbortController().signal },
  });
  const folder = await makeRunFolder(root, run, stored, store);
  return { folder, mirror, epoch, release: () => store.release(run, epoch) };
}

const workspaceFile = ({ workspace }: RunFolder, name: string): string => join(workspace, name);

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true });
  const facts = await Promise.all(entries.map((one) => stat(join(folder, one))));
  return entries.filter((_one, index) => facts[index]?.isFile());
}

if (server === null) test("large files of a fleet", { skip: file.problem });
else {
  test("large files lie at their place, come back elsewhere, and go when nobody needs them", async (t) => {
    const { folder, place, store, run } = await given(t);
    const before = (await filesBelow(place)).sort();
    assert.deepEqual(before.length, 3, before.join(" "));
    assert.ok(before.every((name) => name === markName || name.startsWith(join(run, "1"))));
    const kept = (await server.command("HKEYS", `autogpt:fleet:{${run}}:contents`)) as unknown[];
    assert.equal(kept.length, 2, "the small file and the settings");
    const first = await taken(store, run, join(folder, "first"));
    assert.deepEqual(await readFile(workspaceFile(first.folder, "large.bin")), large);
    await first.mirror.accept([]);
    assert.deepEqual((await filesBelow(place)).sort(), before, "what has not changed is not put anew");
    await writeFile(workspaceFile(first.folder, "large.bin"), Buffer.concat([large, large]));
    await first.mirror.accept([]);
    await first.release();
    const second = await taken(store, run, join(folder, "second"));
    assert.deepEqual(await readFile(workspaceFile(second.folder, "large.bin")), Buffer.concat([large, large]));
    await rm(workspaceFile(second.folder, "large.bin"));
    await second.mirror.accept([]);
    assert.deepEqual(await filesBelow(place), [markName]);
    await writeFile(workspaceFile(second.folder, "large.bin"), large);
    await second.mirror.accept([]);
    await rename(place, `${place}.away`);
    await assert.rejects(
      store.remove(run),
      (thrown) =>
        thrown instanceof StoreDownError &&
        /Large files of the run stay in the folder .*: remove it/.test(thrown.message),
    );
    assert.equal(await store.look(run), null);
    await rename(`${place}.away`, place);
    await store.remove(run);
    assert.deepEqual(await readdir(place), [markName]);
  });

  test("what a worker had put that died before its line was kept is removed, and what it removes late is nobody's", async (t) => {
    const { folder, place, store, run } = await given(t);
    const dead = await taken(store, run, join(folder, "dead"));
    const hash = "a".repeat(64);
    await store.put(run, dead.epoch, new Map([[`${dead.epoch}/${hash}`, Buffer.from("never named")]]));
    assert.ok(existsSync(join(place, run, String(dead.epoch), hash)));
    await dead.release();
    const next = await taken(store, run, join(folder, "next"));
    await writeFile(workspaceFile(next.folder, "large.bin"), large.subarray(1));
    await next.mirror.accept([]);
    assert.ok(!existsSync(join(place, run, String(dead.epoch), hash)));
    await writeFile(workspaceFile(next.folder, "large.bin"), large);
    await next.mirror.accept([]);
    // The same bytes as those of the submit have another name, as somebody may still be at removing those.
    const names = (await filesBelow(place)).filter((name) => name !== markName);
    assert.ok(
      names.length > 0 && names.every((name) => name.startsWith(join(run, String(next.epoch)))),
      names.join(" "),
    );
  });

  test("a content that is lost or damaged is told with its file; a place that is not mounted has lost nothing", async (t) => {
    const { folder, place, store, run, said } = await given(t);
    const [name = ""] = (await filesBelow(place)).filter((one) => one !== markName);
    const content = join(place, name);
    const stored = await store.read(run);
    assert.ok(stored !== null);
    const layOut = () => makeRunFolder(join(folder, "somewhere"), run, stored, store);
    const bytes = await readFile(content);
    bytes[100] = (bytes[100] as number) ^ 1;
    await writeFile(content, bytes);
    await assert.rejects(layOut(), /has other bytes than were kept of "workspace\/large\.bin" \(1\/[0-9a-f]{64}\)/);
    await rename(place, `${place}.away`);
    await mkdir(place);
    await assert.rejects(layOut(), StoreDownError);
    await assert.rejects(store.put(run, 1, new Map([[`1/${"b".repeat(64)}`, Buffer.from("b")]])), StoreDownError);
    await rm(place, { recursive: true });
    await assert.rejects(store.put(run, 1, new Map([[`1/${"b".repeat(64)}`, Buffer.from("b")]])), StoreDownError);
    assert.ok(!existsSync(place), "a folder that is not mounted is not made");
    assert.match(said.join("\n"), /cannot be used \(ENOENT/);
    await rename(`${place}.away`, place);
    await rm(content);
    await assert.rejects(layOut(), /has lost a part of "workspace\/large\.bin"/);
  });

  test("a fleet has one place: another one, or none, is refused; one that has moved is not", async (t) => {
    const { folder, place, run, open } = await given(t);
    const none = { url: undefined, variable: () => undefined };
    await assert.rejects(openStoreWithArtifacts(address, none), /set ARTIFACTS_URL to it/);
    const other = join(folder, "other");
    await mkdir(other);
    await assert.rejects(
      open(other),
      /is not the place where .*, or is not mounted\. .* write [0-9a-f-]{36} into a file/,
    );
    await assert.rejects(open(join(folder, "nowhere")), /cannot be used \(ENOENT.*Make or mount it/);
    await rename(place, join(folder, "moved"));
    await (await open(join(folder, "moved"))).close();
    const plain = await openStore(address);
    const stored = await plain.read(run);
    await plain.close();
    assert.ok(stored?.files.get("workspace/large.bin")?.kind === "file");
    const type = (env: Record<string, string>) =>
      runInProcess({ cwd: folder, args: ["submit", "-c"], env: { QUEUE_URL: address, ...env } });
    await writeFile(join(folder, "ai_settings.yaml"), "ai_name: A\nai_role: an AI\nai_goals: [Write]\n");
    assert.match((await type({})).stderr, /set ARTIFACTS_URL to it/);
    assert.match((await type({ ARTIFACTS_URL: other })).stderr, /is not the place where/);
    assert.equal((await type({ ARTIFACTS_URL: `file://${join(folder, "moved")}` })).code, 0);
    const wrong = await type({ ARTIFACTS_URL: "ftp://user:hunter2hunter2@host" });
    assert.match(wrong.stderr, /ARTIFACTS_URL in the environment .* must be the whole path of a folder/);
    assert.ok(!wrong.stderr.includes("hunter2"));
  });

  test("of workers that begin at the same time at a new place all agree on it", async (t) => {
    await server.command("FLUSHALL");
    const place = await temporaryFolder(t);
    const options = { url: place, variable: () => undefined };
    const stores = await Promise.all(Array.from({ length: 8 }, () => openStoreWithArtifacts(address, options)));
    await Promise.all(stores.map((store) => store.close()));
    const shared = await server.command("HGET", "autogpt:fleet:shared", "artifacts");
    const { id, written } = JSON.parse(String(shared)) as { id: string; written: boolean };
    assert.equal(written, true);
    assert.equal(await readFile(join(place, markName), "utf8"), id);
  });

  test("a worker that does not know the place leaves a run alone that has something there", async (t) => {
    await server.command("FLUSHALL");
    const folder = await temporaryFolder(t);
    const old = await openStoreWithArtifacts(address, { url: undefined, variable: () => undefined });
    t.after(() => old.close());
    const workspace = join(folder, "workspace");
    await mkdir(workspace);
    await writeFile(join(workspace, "large.bin"), large);
    const store = await openStoreWithArtifacts(address, { url: folder, variable: () => undefined });
    t.after(() => store.close());
    const run = await submitRun(store, { order, workspace, about: {} }, () => Promise.resolve());
    const stored = await old.read(run);
    assert.ok(stored !== null);
    await assert.rejects(makeRunFolder(join(folder, "run"), run, stored, old), /set ARTIFACTS_URL to it/);
  });
}
