import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, readdir, realpath, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { WorkspaceError } from "../../src/workspace/workspace-error.js";
import { openWorkspace, type Workspace } from "../../src/workspace/workspace.js";
import { long, temporaryFolder } from "../support/program.js";

const rounds = long ? 5_000 : 25;
/** How many rounds are tried before it counts as a fault that only one side of a door was met. */
const mostRounds = 20_000;

/** Swaps `name` and the link `name.link` as fast as it can; what was made in the gap between gives way. */
const flipper = `
const { renameSync, rmSync } = require("node:fs");
const name = process.argv[1];
const move = (from, to) => {
  for (let tries = 0; tries < 1000; tries += 1) {
    try {
      return renameSync(from, to);
    } catch {
      try {
        rmSync(to, { recursive: true, force: true, maxRetries: 100, retryDelay: 1 });
      } catch {}
    }
  }
};
process.send("ready");
const end = Date.now() + 300_000;
while (Date.now() < end) {
  move(name, name + ".real");
  move(name + ".link", name);
  move(name, name + ".link");
  move(name + ".real", name);
}
`;

/** Turns the link `name` to the one place and the other, without a gap. */
const turner = `
const { renameSync, symlinkSync } = require("node:fs");
const [name, ...places] = process.argv.slice(1);
process.send("ready");
const end = Date.now() + 300_000;
while (Date.now() < end) {
  for (const place of places) {
    symlinkSync(place, name + ".next");
    renameSync(name + ".next", name);
  }
}
`;

/** Runs `use` while a child process runs `script`. */
async function meanwhile(script: string, args: readonly string[], use: () => Promise<void>): Promise<void> {
  const child = spawn(process.execPath, ["-e", script, ...args], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const ended = once(child, "exit");
  await once(child, "message");
  try {
    await use();
    assert.equal(child.exitCode, null, "the other process was at work all the time");
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}

type Setting = { workspace: Workspace; root: string; outside: string };

async function setting(t: TestContext): Promise<Setting> {
  const folder = await realpath(await temporaryFolder(t));
  const [root, outside] = [join(folder, "ws"), join(folder, "outside")];
  await mkdir(outside);
  await writeFile(join(outside, "secret.txt"), "secret");
  const workspace = await openWorkspace({ root, forbidden: [], temporaryDirectory: join(folder, "temporary") });
  return { workspace, root, outside };
}

type Tally = { done: number; refused: number };

/** Uses a door until it was met from both sides: how often it turns meanwhile is up to the machine. */
async function inRounds(t: TestContext, tally: Tally, use: (round: number) => Promise<void>): Promise<void> {
  const bothSidesMet = () => tally.done > 0 && tally.refused > 0;
  let round = 0;
  for (; round < rounds || (!bothSidesMet() && round < mostRounds); round += 1) {
    await use(round);
  }
  t.diagnostic(`${round} rounds: ${tally.done} uses done, ${tally.refused} refused`);
  assert.ok(bothSidesMet(), "both sides of the door were met");
}

async function attempt(tally: Tally, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
    tally.done += 1;
  } catch (error) {
    assert.ok(error instanceof WorkspaceError, String(error));
    tally.refused += 1;
  }
}

async function assertUntouched(outside: string): Promise<void> {
  assert.deepEqual(await readdir(outside), ["secret.txt"]);
  assert.equal(await readFile(join(outside, "secret.txt"), "utf8"), "secret");
}

/** Uses files behind the door in every way while it moves, and proves that nothing outside was reached. */
async function useDoor(t: TestContext, { workspace, outside }: Setting): Promise<void> {
  const tally: Tally = { done: 0, refused: 0 };
  const read = new Set<string>();
  await inRounds(t, tally, async (round) => {
    await attempt(tally, () => workspace.write(`door/new-${round % 7}.txt`, String(round)));
    await attempt(tally, () => workspace.append("door/sub/log.txt", "x"));
    await attempt(tally, () => workspace.write("door/secret.txt", `harmless ${round % 3}`));
    await attempt(tally, async () => read.add((await workspace.read("door/secret.txt")).toString()));
    await attempt(tally, () => workspace.delete(`door/new-${round % 7}.txt`));
    await attempt(tally, () => workspace.list("door", 100));
  });
  await assertUntouched(outside);
  assert.ok(!read.has("secret"), "the file outside was never read");
}

test("a folder that is swapped for a link between check and use never leads out", async (t) => {
  const all = await setting(t);
  await all.workspace.write("door/secret.txt", "harmless");
  await symlink(all.outside, join(all.root, "door.link"));
  await meanwhile(flipper, [join(all.root, "door")], () => useDoor(t, all));
});

test("a link that is turned outwards between check and use never leads out", async (t) => {
  const all = await setting(t);
  await all.workspace.write("room/secret.txt", "harmless");
  await symlink("room", join(all.root, "door"));
  await meanwhile(turner, [join(all.root, "door"), all.outside, "room"], () => useDoor(t, all));
});

test("a file that is swapped for a link between check and use never leads out", async (t) => {
  const { workspace, root, outside } = await setting(t);
  await workspace.write("door", "harmless");
  await symlink(join(outside, "secret.txt"), join(root, "door.link"));
  const tally: Tally = { done: 0, refused: 0 };
  const read = new Set<string>();
  await meanwhile(flipper, [join(root, "door")], async () => {
    await inRounds(t, tally, async (round) => {
      await attempt(tally, async () => read.add((await workspace.read("door")).toString()));
      await attempt(tally, () => workspace.write("door", `harmless ${round % 3}`));
      await attempt(tally, () => workspace.append("door", "!"));
    });
  });
  await assertUntouched(outside);
  assert.ok(!read.has("secret"), "the file outside was never read");
});
