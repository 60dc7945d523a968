import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, readFile, rename, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { historyOf } from "../../src/snapshots/history.js";
import { openSnapshotLog, packsDirectory, readSnapshotLog } from "../../src/snapshots/log.js";
import { filesOfPack, openObjects, packsIn } from "../../src/snapshots/objects.js";
import { createSnapshots } from "../../src/snapshots/recorder.js";
import { carryOutUndo, planUndo, type UndoPlan } from "../../src/snapshots/undo.js";
import { WorkspaceError } from "../../src/workspace/workspace-error.js";
import type { Workspace } from "../../src/workspace/workspace.js";
import { workspaceWith } from "../support/once.js";
import { temporaryFolder } from "../support/program.js";

const run = "20261128-061500-000-abcd";

type World = { home: string; workspace: Workspace; at(path: string): string };

/** A workspace of which one step changed `a.txt` and `in/b.txt`, and made `new.txt`. */
async function changed(t: TestContext): Promise<World> {
  const [home, workspace] = [
    await temporaryFolder(t),
    await workspaceWith(t, { "a.txt": "first a", "in/b.txt": "first b" }),
  ];
  const { root, keeper } = workspace;
  const snapshots = createSnapshots({
    ...{ home, run, root, keeper, warn: assert.fail },
    hasJobs: () => false,
    holdsSecret: () => false,
  });
  await snapshots.before(1, ["a.txt", "in/b.txt", "new.txt"]);
  await workspace.write("a.txt", "second a");
  await workspace.write("in/b.txt", "second b");
  await workspace.write("new.txt", "new");
  await snapshots.after(1);
  await snapshots.close();
  return { home, workspace, at: (path) => join(root, path) };
}

type Undo = { plan: UndoPlan; carryOut(): Promise<string[]>; record(): Promise<void> };

/** An undo to the state after step `to`, up to the place where it would begin. */
async function undoTo({ home, workspace }: World, to: number): Promise<Undo> {
  const { lines, validBytes } = await readSnapshotLog(home, run);
  const objects = await openObjects(packsDirectory(home), run);
  const isKept = async (hash: string | null): Promise<boolean> =>
    hash !== null && (await objects.get(hash).catch(() => null)) !== null;
  const plan = await planUndo(historyOf(lines), { last: 1, to }, workspace.keeper, isKept);
  let changes: Awaited<ReturnType<typeof carryOutUndo>> = [];
  return {
    plan,
    async carryOut() {
      changes = await carryOutUndo(plan, workspace.keeper, (hash) => objects.get(hash));
      return changes.map(({ path }) => path).sort();
    },
    async record() {
      const log = openSnapshotLog(home, run, validBytes);
      const failed = plan.failed.map(({ path }) => path);
      log.append({ type: "undo", from: plan.from, to, changes, kept: plan.kept, failed });
      log.close();
    },
  };
}

test("a content that is damaged is named and its file stays, and all else is put back", async (t) => {
  const world = await changed(t);
  const folder = packsDirectory(world.home);
  const [pack = ""] = await packsIn(folder);
  const [bytes = ""] = filesOfPack(folder, pack);
  await writeFile(bytes, (await readFile(bytes, "latin1")).replace("first b", "first B"), "latin1");
  const { plan, carryOut } = await undoTo(world, 0);
  assert.deepEqual(plan.lost, ["in/b.txt"]);
  assert.deepEqual(await carryOut(), ["a.txt", "new.txt"]);
  assert.equal(await readFile(world.at("in/b.txt"), "utf8"), "second b");
});

test("contents that a pack lost at its end are not taken for kept, and are kept anew", async (t) => {
  const world = await changed(t);
  const folder = packsDirectory(world.home);
  const [pack = ""] = await packsIn(folder);
  await truncate(filesOfPack(folder, pack)[0] as string, 10);
  const { plan, carryOut } = await undoTo(world, 0);
  assert.deepEqual(plan.lost, ["in/b.txt"]);
  assert.deepEqual(await carryOut(), ["a.txt", "new.txt"]);
  const objects = await openObjects(folder, "other");
  const hash = objects.put(Buffer.from("first b"));
  assert.equal((await objects.get(hash)).toString(), "first b");
  objects.close();
});

test("what somebody changes between plan and deed is kept", async (t) => {
  const world = await changed(t);
  const { plan, carryOut } = await undoTo(world, 0);
  await writeFile(world.at("a.txt"), "by hand");
  await writeFile(world.at("new.txt"), "by hand, too");
  assert.deepEqual(await carryOut(), ["in/b.txt"]);
  assert.deepEqual(plan.kept.sort(), ["a.txt", "new.txt"]);
  assert.equal(await readFile(world.at("a.txt"), "utf8"), "by hand");
  assert.equal(await readFile(world.at("new.txt"), "utf8"), "by hand, too");
});

test("a link that is put in the way leads no undo out of the workspace", async (t) => {
  const world = await changed(t);
  const outside = await temporaryFolder(t);
  await writeFile(join(outside, "b.txt"), "second b");
  await writeFile(join(outside, "a.txt"), "second a");
  const { plan, carryOut } = await undoTo(world, 0);
  await rename(world.at("in"), world.at("moved"));
  await symlink(outside, world.at("in"));
  await rm(world.at("a.txt"));
  await symlink(join(outside, "a.txt"), world.at("a.txt"));
  assert.deepEqual(await carryOut(), ["new.txt"]);
  assert.deepEqual(plan.kept.sort(), ["a.txt", "in/b.txt"]);
  assert.equal(await readFile(join(outside, "b.txt"), "utf8"), "second b");
  assert.equal(await readFile(join(outside, "a.txt"), "utf8"), "second a");
});

test("an undo that was killed before it was recorded is finished by the next, and can be taken back like any other", async (t) => {
  const world = await changed(t);
  await (await undoTo(world, 0)).carryOut();
  const again = await undoTo(world, 0);
  assert.deepEqual(again.plan.changes, []);
  assert.deepEqual(await again.carryOut(), ["a.txt", "in/b.txt", "new.txt"]);
  await again.record();
  const back = await undoTo(world, 1);
  assert.deepEqual(await back.carryOut(), ["a.txt", "in/b.txt", "new.txt"]);
  assert.equal(await readFile(world.at("a.txt"), "utf8"), "second a");
  assert.equal(await readFile(world.at("new.txt"), "utf8"), "new");
});

test("a folder in place of a file that is put back stays with what is in it", async (t) => {
  const world = await changed(t);
  await rm(world.at("a.txt"));
  await mkdir(world.at("a.txt"));
  await writeFile(world.at("a.txt/mine"), "mine");
  const { plan, carryOut } = await undoTo(world, 0);
  assert.deepEqual(await carryOut(), ["in/b.txt", "new.txt"]);
  assert.deepEqual(plan.kept, ["a.txt"]);
  assert.equal(await readFile(world.at("a.txt/mine"), "utf8"), "mine");
});

test("what the file system does not let be put back is named with its reason, and the next undo goes on with it", async (t) => {
  const world = await changed(t);
  const { keeper } = world.workspace;
  const denied: World = {
    ...world,
    workspace: {
      ...world.workspace,
      keeper: {
        ...keeper,
        put: (path, wanted) =>
          path === "a.txt"
            ? Promise.reject(new WorkspaceError("denied", '"a.txt" cannot be used: permission is denied.'))
            : keeper.put(path, wanted),
      },
    },
  };
  const first = await undoTo(denied, 0);
  assert.deepEqual(await first.carryOut(), ["in/b.txt", "new.txt"]);
  assert.deepEqual(first.plan.kept, []);
  assert.deepEqual(first.plan.failed, [{ path: "a.txt", why: '"a.txt" cannot be used: permission is denied.' }]);
  await first.record();
  const second = await undoTo(world, 0);
  assert.deepEqual(await second.carryOut(), ["a.txt"]);
  await second.record();
  assert.equal(await readFile(world.at("a.txt"), "utf8"), "first a");
  assert.deepEqual(await (await undoTo(world, 1)).carryOut(), ["a.txt", "in/b.txt", "new.txt"]);
});

test("a folder that its owner may not write is opened for what is taken out of it", async (t) => {
  const [home, workspace] = [await temporaryFolder(t), await workspaceWith(t, {})];
  const { root, keeper } = workspace;
  const snapshots = createSnapshots({
    ...{ home, run, root, keeper, warn: assert.fail },
    hasJobs: () => false,
    holdsSecret: () => false,
  });
  await snapshots.before(1, "all");
  await mkdir(join(root, "closed"));
  await writeFile(join(root, "closed/in.txt"), "in");
  await chmod(join(root, "closed"), 0o555);
  await snapshots.after(1);
  await snapshots.close();
  const modes: number[] = [];
  const watched: Workspace = {
    ...workspace,
    keeper: {
      ...keeper,
      put: async (path, wanted) => {
        if (path === "closed/in.txt") modes.push((await stat(join(root, "closed"))).mode & 0o777);
        await keeper.put(path, wanted);
      },
    },
  };
  const { carryOut } = await undoTo({ home, workspace: watched, at: (path) => join(root, path) }, 0);
  assert.deepEqual(await carryOut(), ["closed", "closed/in.txt"]);
  // Root may do it in any case, so the permission is looked at.
  assert.deepEqual(modes, [0o755]);
});

test("pipes, and names that are not UTF-8, are named where they cannot be put back; a protected file is put back", async (t) => {
  const home = await temporaryFolder(t);
  const workspace = await workspaceWith(t, {});
  const { root, keeper } = workspace;
  const at = (path: string): string => join(root, path);
  const makePipe = (path: string): unknown => execFileSync("mkfifo", [at(path)]);
  await mkdir(at(".vscode"));
  await writeFile(at(".vscode/tasks.json"), "theirs");
  makePipe("old");
  const snapshots = createSnapshots({
    ...{ home, run, root, keeper, warn: assert.fail },
    hasJobs: () => false,
    holdsSecret: () => false,
  });
  await snapshots.before(1, "all");
  await rm(at("old"));
  await rm(at(".vscode"), { recursive: true });
  makePipe("new");
  await writeFile(Buffer.concat([Buffer.from(`${root}/bad`), Buffer.from([0xff])]), "x");
  await snapshots.after(1);
  await snapshots.close();
  const { plan, carryOut, record } = await undoTo({ home, workspace, at }, 0);
  assert.deepEqual(plan.lost, ["bad\ufffd", "old"]);
  assert.deepEqual(await carryOut(), [".vscode", ".vscode/tasks.json", "new"]);
  await record();
  assert.equal(await readFile(at(".vscode/tasks.json"), "utf8"), "theirs");
});
