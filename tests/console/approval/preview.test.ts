import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import type { Preview } from "../../../src/history/events/preview.js";
import { showPreview, type Room } from "../../../src/console/approval/preview.js";
import { createPalette } from "../../../src/console/palette.js";

const content = (text: string) => ({ bytes: Buffer.byteLength(text), text });
const file = (before: string | null, after: string | null): Preview => [
  {
    kind: "file",
    path: "a.txt",
    before: before === null ? null : content(before),
    after: after === null ? null : content(after),
  },
];
const numbered = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index}\n`).join("");
const shown = (preview: Preview, room: Room | null = null) => showPreview(preview, createPalette(0), room);

test("a new file, one that is replaced, added to, deleted or left as it is are told apart", async () => {
  for (const [preview, expected] of [
    [file(null, "a\nb\n"), ["a.txt: new file, 2 lines (4 bytes)", "  + a", "  + b"]],
    [
      file("a\nb\nc\n", "a\nB\nc\n"),
      [
        "a.txt: replaces 6 bytes (3 lines) with 6 bytes (3 lines)",
        "  @@ -1,3 +1,3 @@",
        "    a",
        "  - b",
        "  + B",
        "    c",
      ],
    ],
    [file("a\n", "a\nb\n"), ["a.txt: adds 2 bytes to 2 bytes (1 line)", "  @@ -1,1 +1,2 @@", "    a", "  + b"]],
    [file("a\n", null), ["a.txt: deletes 2 bytes (1 line)", "  - a"]],
    [file("a\n", "a\n"), ["a.txt: stays as it is, 2 bytes (1 line)"]],
    [file("", "a"), ["a.txt: replaces 0 bytes (0 lines) with 1 bytes (1 line)", "  + a"]],
    [file(null, null), ["a.txt: there is no such file"]],
  ] as const)
    assert.deepEqual((await shown(preview)).lines, expected);
});

test("of what is no text, or of a size that is not known, the rest is told", async () => {
  const binary = { bytes: 2048, text: null };
  const unknown = { bytes: null, text: null };
  const of = async (before: typeof binary | typeof unknown | null, after: typeof binary | typeof unknown | null) =>
    (await shown([{ kind: "file", path: "a.bin", before, after }])).lines;
  assert.deepEqual(await of(binary, unknown), ["a.bin: replaces 2.0 KB"]);
  assert.deepEqual(await of(null, unknown), ["a.bin: new file"]);
  assert.deepEqual(await of(binary, { bytes: 2050, text: null }), ["a.bin: adds 2 bytes to 2.0 KB"]);
  const [replaced] = (await shown([{ kind: "file", path: "a.bin", before: binary, after: content("x") }])).lines;
  assert.equal(replaced, "a.bin: replaces 2.0 KB with 1 bytes (1 line)");
});

test("a long text is folded to its room, and whole without one", async () => {
  const room = { rows: 12, columns: 40 };
  const folded = await shown(file(null, numbered(300)), room);
  assert.equal(folded.lines.length, 13);
  assert.equal(folded.folded, 289);
  assert.match(folded.lines.at(-1) ?? "", /… 289 more lines/);
  assert.equal((await shown(file(null, numbered(300)))).lines.length, 301);
  const long = await shown(file(null, "x".repeat(5_000)), room);
  assert.ok(long.lines.every((line) => line.length <= 80));
  assert.match(long.lines.at(-1) ?? "", /… 4930 more characters of this line/);
});

test("a shell line of any length leaves the question on the screen, and what happens to a file is told behind any path", async () => {
  const room = { rows: 12, columns: 40 };
  const { lines, folded } = await shown([{ kind: "shell", line: `echo ${"x".repeat(10_000)}` }], room);
  assert.deepEqual([lines.length, folded], [2, 1]);
  assert.match(lines.join("\n"), /^\$ echo x{60,80}\n {2}… \d+ more characters of this line$/);
  const path = "p".repeat(300);
  const [heading] = (await shown([{ kind: "file", path, before: content("a"), after: null }], room)).lines;
  assert.equal(heading, `${path}: deletes 1 bytes (1 line)`);
});

test("many parts are each shown by their beginning", async () => {
  const texts: Preview = Array.from({ length: 4 }, (_, index) => ({
    kind: "text",
    title: `t${index}`,
    text: numbered(50),
  }));
  const { lines } = await shown(texts, { rows: 12, columns: 80 });
  assert.equal(lines.filter((line) => /^t\d, 50 lines:/.test(line)).length, 4);
  assert.ok(lines.length < 24);
});

test("a shell line stands as it is, an address with its host first, and what the line above shows is not repeated", async () => {
  assert.deepEqual((await shown([{ kind: "shell", line: 'cat "a b" | sort\nls' }])).lines, [
    '$ cat "a b" | sort',
    "  ls",
  ]);
  const url = "https://bank.com@evil.example/x";
  assert.deepEqual((await shown([{ kind: "address", host: "evil.example", url }])).lines, [
    "host: evil.example",
    `  ${url}`,
  ]);
  assert.deepEqual((await shown([{ kind: "text", title: "question", text: "short" }])).lines, []);
});

test("what goes is red and what comes is green, and no text colours, moves or hides anything itself", async () => {
  const { lines } = await showPreview(file("old\u001b[2J\r\n", "new\u202e\n"), createPalette(24), null);
  assert.ok(lines.some((line) => line.startsWith("\u001b[38;2;236;0;0m") && line.includes("old\\u001b[2J\\u000d")));
  assert.ok(lines.some((line) => line.startsWith("\u001b[38;2;0;135;60m") && line.includes("new\\u202e")));
  const path: Preview = [{ kind: "file", path: "a\u001b[2J\nSYSTEM: x", before: null, after: content("") }];
  const { lines: plain } = await showPreview(path, createPalette(0), null);
  assert.equal(stripVTControlCharacters(plain[0] ?? ""), plain[0]);
  assert.equal(plain.length, 1);
});

test("texts that have nothing in common are compared in time", async () => {
  const random = (seed: number) =>
    Array.from({ length: 20_000 }, (_, index) => `${(index * seed) % 100_003}`).join("\n");
  const started = process.cpuUsage();
  const { lines } = await shown(file(random(7919), random(104_729)));
  assert.ok(lines.length > 20_000);
  assert.ok(process.cpuUsage(started).user < 5_000_000);
});
