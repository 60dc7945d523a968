import assert from "node:assert/strict";
import { mkdir, open, readFile as readBytes, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import type { Command } from "../../src/commands/command.js";
import type { CommandResult } from "../../src/history/event-parts.js";
import { appendToFile } from "../../src/commands/files/append-to-file.js";
import { deleteFile } from "../../src/commands/files/delete-file.js";
import { readFile } from "../../src/commands/files/read-file.js";
import { searchFiles } from "../../src/commands/files/search-files.js";
import { writeToFile } from "../../src/commands/files/write-to-file.js";
import { commandOnce, workspaceWith } from "../support/once.js";

type Setting = { root: string; run(command: Command, args: object): Promise<CommandResult> };

/** A workspace, and commands that run in it with room for `room` characters in a result. */
async function setting(t: TestContext, room = 100_000): Promise<Setting> {
  const workspace = await workspaceWith(t, {});
  const context = { workspace, fitting: (text: string) => Math.min(text.length, room) };
  return { root: workspace.root, run: (command, args) => commandOnce(command, args, context) };
}

test("writing, appending and deleting say what they did and whether something changed", async (t) => {
  const { run, root } = await setting(t);
  const written = { ok: true, text: "File written to successfully." };
  assert.deepEqual(await run(writeToFile, { file: "a/b.txt", text: "one" }), { ...written, changed: true });
  assert.deepEqual(await run(writeToFile, { file: "a/b.txt", text: "one" }), { ...written, changed: false });
  const appended = { ok: true, text: "Text appended successfully.", changed: true };
  assert.deepEqual(await run(appendToFile, { file: "a/b.txt", text: " two" }), appended);
  assert.equal(await readBytes(join(root, "a/b.txt"), "utf8"), "one two");
  const deleted = { ok: true, text: "File deleted successfully.", changed: true };
  assert.deepEqual(await run(deleteFile, { file: "a/b.txt" }), deleted);
  await assert.rejects(run(deleteFile, { file: "a/b.txt" }), /There is no file "a\/b\.txt"/);
});

test("what is appended is in the encoding of the file, or is refused", async (t) => {
  const { run, root } = await setting(t);
  const wide = Buffer.from("\ufeffone\n", "utf16le");
  const latin = Buffer.from("Grüße aus Köln, schöne Straßen\n", "latin1");
  for (const [name, bytes] of Object.entries({
    "le.txt": wide,
    "be.txt": Buffer.from(wide).swap16(),
    "latin.txt": latin,
  }))
    await writeFile(join(root, name), bytes);
  for (const name of ["le.txt", "be.txt"]) {
    await run(appendToFile, { file: name, text: "zwei 中\n" });
    assert.match((await run(readFile, { file: name })).text, /^one\nzwei 中\n/);
  }
  await run(appendToFile, { file: "latin.txt", text: "plain\n" });
  await assert.rejects(
    run(appendToFile, { file: "latin.txt", text: "“quoted”\n" }),
    /latin\.txt is in [\w-]+, and this text in UTF-8.*Nothing was changed/,
  );
  assert.deepEqual(await readBytes(join(root, "latin.txt")), Buffer.concat([latin, Buffer.from("plain\n")]));
});

test("pitfall 35: tabs, line ends and every character arrive byte for byte", async (t) => {
  const { run, root } = await setting(t);
  const text = "all:\n\tgo build\r\n\u2028 中文 😀 \0 \ufeff";
  await run(writeToFile, { file: "Makefile", text });
  assert.deepEqual(await readBytes(join(root, "Makefile")), Buffer.from(text));
});

test("reads a text as it is, and says that an empty file is empty", async (t) => {
  const { run } = await setting(t);
  const text = "zażółć\r\n\t中文 😀\n";
  await run(writeToFile, { file: "a.txt", text });
  assert.deepEqual(await run(readFile, { file: "a.txt" }), { ok: true, text });
  await run(writeToFile, { file: "empty.txt", text: "" });
  assert.equal((await run(readFile, { file: "empty.txt" })).text, "The file is empty.");
  await assert.rejects(run(readFile, { file: "../a.txt" }), /leads out of the workspace/);
});

test("pitfall 52: other encodings are read, and named", async (t) => {
  const { run, root } = await setting(t);
  const german = "Grüße aus Köln: schöne Straßen, große Bäume, süße Früchte und fröhliche Bürger.\n".repeat(5);
  const little = Buffer.from(`\ufeff${german}`, "utf16le");
  const files: [string, Buffer, string][] = [
    ["latin1.txt", Buffer.from(german, "latin1"), "windows-1252"],
    ["little.txt", little, "utf-16le"],
    ["big.txt", Buffer.from(little).swap16(), "utf-16be"],
  ];
  for (const [file, bytes, encoding] of files) {
    await writeFile(join(root, file), bytes);
    assert.equal((await run(readFile, { file })).text, `${german}\n[Read as ${encoding}, not UTF-8.]`);
  }
  await writeFile(join(root, "marked.txt"), `\ufeff${german}`);
  assert.equal((await run(readFile, { file: "marked.txt" })).text, german);
  await writeFile(
    join(root, "kanji.txt"),
    Buffer.from("93fa967b8cea82cc836583588367814282b182ea82cd93fa967b8cea82c582b78142", "hex"),
  );
  assert.match(
    (await run(readFile, { file: "kanji.txt" })).text,
    /^日本語のテスト。これは日本語です。\n\[Read as shift_jis/,
  );
});

test("pitfall 52: a file that holds no text is named for what it is", async (t) => {
  const { run, root } = await setting(t);
  const png = "89504e470d0a1a0a0000000d49484452";
  const files: [string, Buffer, RegExp][] = [
    [
      "report.pdf",
      Buffer.from(`%PDF-1.7\n${"x".repeat(34 * 1024)}`),
      /^Error: report\.pdf is a PDF document \(34 KB\), not text\.$/,
    ],
    ["a.png", Buffer.from(png, "hex"), /a PNG image \(16 bytes\)/],
    ["a.gz", gzipSync("text"), /a gzip archive/],
    ["a.docx", Buffer.from("PK\x03\x04rest"), /a ZIP archive or office document/],
    ["a.bin", Buffer.from("text\0text"), /binary data/],
    ["program", await readHead(process.execPath), process.platform === "linux" ? /an ELF program/ : /binary data/],
  ];
  for (const [file, bytes, expected] of files) {
    await writeFile(join(root, file), bytes);
    const { ok, text } = await run(readFile, { file });
    assert.equal(ok, false);
    assert.match(text, expected);
  }
});

async function readHead(file: string): Promise<Buffer> {
  const handle = await open(file);
  const { buffer } = await handle.read(Buffer.alloc(1000), 0, 1000, 0);
  await handle.close();
  return buffer;
}

/** Reads on by the offsets that the marker names; gives the text without markers, and how many parts it took. */
async function readAll(run: Setting["run"], file: string, room: number): Promise<{ text: string; parts: number }> {
  let [text, parts, offset] = ["", 0, 0];
  for (;;) {
    const part = (await run(readFile, { file, offset })).text;
    parts += 1;
    assert.ok(part.length <= room, "a part keeps within its room");
    assert.ok(!/^[\udc00-\udfff]|[\ud800-\udbff]\n\[/.test(part), "no pair is split");
    const marker =
      /\n\[Characters (\d+) to (\d+) of (\d+) are shown; (?:read_file with "offset": (\d+) goes on|this is the end of the file)\.\]$/.exec(
        part,
      );
    if (marker === null) return { text: text + part, parts };
    assert.equal(Number(marker[1]), text.length);
    text += part.slice(0, marker.index);
    assert.equal(Number(marker[2]), text.length - 1);
    if (marker[4] === undefined) {
      assert.equal(Number(marker[3]), text.length);
      return { text, parts };
    }
    offset = Number(marker[4]);
  }
}

test("pitfall 31: a large file is read in parts that fit, to its last character", async (t) => {
  const room = 1000;
  const { run } = await setting(t, room);
  const text = "😀a中\n".repeat(2001);
  await run(writeToFile, { file: "long.txt", text });
  const all = await readAll(run, "long.txt", room);
  assert.equal(all.text, text);
  assert.ok(all.parts >= 10 && all.parts <= 14, `${all.parts} parts`);
  await run(writeToFile, { file: "short.txt", text: "x".repeat(room) });
  assert.deepEqual(await readAll(run, "short.txt", room), { text: "x".repeat(room), parts: 1 });
});

test("an offset in the middle of a pair begins at its first half, one beyond the end says so", async (t) => {
  const { run } = await setting(t);
  await run(writeToFile, { file: "a.txt", text: "ab😀cd" });
  assert.match(
    (await run(readFile, { file: "a.txt", offset: 3 })).text,
    /^😀cd\n\[Characters 2 to 5 of 6 are shown; this is the end/,
  );
  assert.match((await run(readFile, { file: "a.txt", offset: 2 })).text, /^😀cd\n\[Characters 2 /);
  assert.match((await run(readFile, { file: "a.txt", offset: 4 })).text, /^cd\n\[Characters 4 /);
  const { ok, text } = await run(readFile, { file: "a.txt", offset: 6 });
  assert.deepEqual([ok, text], [false, "Error: offset 6 is beyond the end of a.txt, which has 6 characters."]);
});

test("a file of 2 GB costs little memory", async (t) => {
  const { run, root } = await setting(t, 10_000);
  const file = join(root, "huge.log");
  await writeFile(file, "line of a log\n".repeat(500_000));
  await truncate(file, 2 ** 31);
  const before = process.memoryUsage().rss;
  const { text } = await run(readFile, { file: "huge.log", offset: 1_000_000 });
  assert.match(
    text,
    /\n\[Characters 1000000 to \d+ of a file of 2\.0 GB are shown; read_file with "offset": \d+ goes on\.\]$/,
  );
  const grown = (process.memoryUsage().rss - before) / 2 ** 20;
  t.diagnostic(`${grown.toFixed(0)} MB more memory`);
  assert.ok(grown < 200);
});

test("lists files relative to the workspace, one a line, names with control characters escaped", async (t) => {
  const { run } = await setting(t);
  assert.equal((await run(searchFiles, {})).text, "No files found.");
  for (const file of ["b.txt", "dir/a.txt", "dir/\u001b[2Jfake\nline\u202e.txt"])
    await run(writeToFile, { file, text: "" });
  const escaped = "dir/\\u001b[2Jfake\\nline\\u202e.txt";
  for (const directory of ["", ".", " "]) {
    assert.equal((await run(searchFiles, { directory })).text, `b.txt\n${escaped}\ndir/a.txt`);
  }
  assert.equal((await run(searchFiles, { directory: "dir" })).text, `${escaped}\ndir/a.txt`);
});

test("a long list is cut to what fits and says how many more there are", async (t) => {
  const { run } = await setting(t, 500);
  for (let number = 0; number < 100; number += 1) await run(writeToFile, { file: `file-${number}.txt`, text: "" });
  const { text } = await run(searchFiles, { directory: "" });
  const lines = text.split("\n");
  const more = /^… and (\d+) more\./.exec(lines.pop() ?? "");
  assert.equal(lines.length + Number(more?.[1]), 100);
  assert.ok(text.length <= 500 && lines.length > 20);
});

test("a list says how many folders were not looked into", async (t) => {
  const { run, root } = await setting(t);
  await mkdir(join(root, ...Array.from({ length: 65 }, () => "d")), { recursive: true });
  const note = "… and 1 folders or more that were not looked into, each with all below it.";
  assert.equal((await run(searchFiles, { directory: "" })).text, `No files found.\n${note}`);
  await run(writeToFile, { file: "a.txt", text: "" });
  assert.equal((await run(searchFiles, { directory: "" })).text, `a.txt\n${note}`);
});
