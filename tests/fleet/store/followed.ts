import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Batch, RunStore } from "../../../src/fleet/store/run-store.js";
import { copyRun } from "../../../src/fleet/watch/copy-run.js";
import { temporaryFolder } from "../../support/program.js";

const nothing: Batch = { lines: [], from: 1, files: [], dropped: [], status: null, nano: 0 };

function partOf(text: string) {
  const bytes = Buffer.from(text);
  return { bytes, part: { hash: createHash("sha256").update(bytes).digest("hex"), length: bytes.length } };
}

/** What a store promises to whoever only looks at a run. */
export async function isFollowed(store: RunStore, run: string, epoch: number): Promise<void> {
  assert.deepEqual((await store.linesFrom(run, 1, 10))?.lines, []);
  const lines = Array.from({ length: 30 }, (_none, index) => `{"seq":${index + 1}}`);
  await store.commit(run, epoch, { ...nothing, lines });
  const some = await store.linesFrom(run, 11, 5);
  assert.deepEqual([some?.count, some?.lines], [30, lines.slice(10, 15)]);
  assert.deepEqual((await store.linesFrom(run, 31, 5))?.lines, []);
  assert.equal(await store.linesFrom("no-such-run", 1, 5), null);
  const folder = { kind: "folder", mode: 0o700 } as const;
  const paths = [
    "home/runs/a[b]*?\\c/x",
    "home/runs/a[b]*?\\cd",
    "home/runs/ab*?\\c/x",
    "homes/runs/x",
    "workspace/home/x",
  ];
  await store.commit(run, epoch, { ...nothing, files: paths.map((path) => [path, folder]) });
  assert.deepEqual([...(await store.filesBelow(run, "home/runs/a[b]*?\\c")).keys()], paths.slice(0, 1));
  assert.deepEqual([...(await store.filesBelow(run, "home")).keys()].sort(), paths.slice(0, 3).sort());
}

/** What a copy of a run promises, whatever store it is of. */
export async function isCopied(t: TestContext, store: RunStore, run: string, epoch: number): Promise<void> {
  const root = join(await temporaryFolder(t), "copy");
  await mkdir(root);
  const asked: number[] = [];
  const counted: RunStore = {
    ...store,
    contents(name, hashes) {
      asked.push(hashes.length);
      return store.contents(name, hashes);
    },
  };
  const copy = copyRun(counted, run, root);
  const file = (name: string) => readFile(join(copy.home, "runs", run, name), "utf8");
  const lines = Array.from({ length: 300 }, (_none, index) => (index === 7 ? "x".repeat(5 << 20) : `{"seq":${index}}`));
  await copy.bringJournal();
  assert.equal(await file("events.jsonl"), "");
  await store.commit(run, epoch, { ...nothing, lines: lines.slice(0, 299) });
  await copy.bringJournal();
  await store.commit(run, epoch, { ...nothing, lines: lines.slice(299), from: 300 });
  await copy.bringJournal();
  assert.equal(await file("events.jsonl"), lines.map((line) => `${line}\n`).join(""));

  const [one, two, other] = ["one\n", "two\n", "other\n"].map(partOf) as [Of, Of, Of];
  const keep = async (parts: Of[], more: Batch["files"] = []): Promise<void> => {
    await store.put(run, epoch, new Map([one, two, other].map(({ part, bytes }) => [part.hash, bytes])));
    const entry = { kind: "file" as const, mode: 0o644, parts: parts.map(({ part }) => part) };
    const line = `{"seq":${parts.length}}`;
    const { count = 0 } = (await store.linesFrom(run, 1, 1)) ?? {};
    const files: Batch["files"] = [[`home/runs/${run}/cassette.jsonl`, entry], ...more];
    await store.commit(run, epoch, { ...nothing, lines: [line], from: count + 1, files });
    await copy.bringJournal();
    await copy.bringFiles([`runs/${run}`]);
  };
  const outside = { kind: "file" as const, mode: 0o644, parts: [one.part] };
  const link = { kind: "link" as const, target: "/etc/passwd" };
  await keep(
    [one],
    [
      [`home/runs/${run}/../../../../outside`, outside],
      [`home/runs/${run}/link`, link],
      ["workspace/notes.txt", outside],
    ],
  );
  assert.equal(await file("cassette.jsonl"), "one\n");
  await keep([one, two]);
  assert.deepEqual([await file("cassette.jsonl"), asked], ["one\ntwo\n", [1, 1]], "only what is new is asked for");
  await keep([other, two]);
  assert.equal(await file("cassette.jsonl"), "other\ntwo\n");
  await keep([other]);
  assert.equal(await file("cassette.jsonl"), "other\n");
  assert.deepEqual(await readdir(join(root, "..")), ["copy"]);
  assert.deepEqual(
    (await readdir(root, { recursive: true })).filter((name) => /outside|link|notes/.test(name)),
    [],
  );
  const lost = { kind: "file" as const, mode: 0o644, parts: [{ hash: "0".repeat(64), length: 3 }] };
  await assert.rejects(keep([other], [[`home/runs/${run}/lost`, lost]]), /has lost a part of a file/);
  await store.remove(run);
  await assert.rejects(copy.bringJournal(), /is gone from the store/);
}

type Of = ReturnType<typeof partOf>;
