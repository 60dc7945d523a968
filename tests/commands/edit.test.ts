import assert from "node:assert/strict";
import { readFile as readBytes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { CommandContext } from "../../src/commands/command.js";
import { editFile } from "../../src/commands/files/edit/edit-file.js";
import { applyEdits } from "../../src/commands/files/edit/edits.js";
import { commandOnce, workspaceWith } from "../support/once.js";

const source = "import a\n\ndef one():\n    return 1\n\ndef two():\n    return 1\n";

async function setting(t: TestContext, files: Record<string, string | Uint8Array>) {
  const workspace = await workspaceWith(t, {});
  for (const [name, content] of Object.entries(files)) await writeFile(join(workspace.root, name), content);
  const context = { workspace, fitting: (text: string) => Math.min(text.length, 10_000) };
  return {
    edit: (args: object) => commandOnce(editFile, args, context),
    preview: (args: object) => editFile.preview?.(editFile.args.parse(args) as never, context as CommandContext),
    bytes: (name: string) => readBytes(join(workspace.root, name)),
    text: (name: string) => readBytes(join(workspace.root, name), "utf8"),
  };
}

test("a text that stands there once is replaced, and the answer shows the difference", async (t) => {
  const { edit, text, preview } = await setting(t, { "a.py": source });
  const args = { file: "a.py", find: "def two():\n    return 1", replace: "def two():\n    return 2" };
  const [shown] = (await preview(args)) ?? [];
  assert.ok(shown?.kind === "file" && shown.after?.text?.endsWith("return 2\n"));
  const result = await edit(args);
  assert.equal(result.changed, true);
  assert.match(result.text, /\(1 edit\)\.[^]*@@[^]*\n-    return 1\n\+    return 2$/);
  assert.equal(await text("a.py"), source.replace(/1\n$/, "2\n"));
  assert.equal((await edit({ file: "a.py", find: "import a", replace: "import a" })).changed, false);
});

test("several edits are made in their order, all or none", async (t) => {
  const { edit, text } = await setting(t, { "a.py": source });
  const first = { find: "import a", replace: "import b" };
  await assert.rejects(
    edit({ file: "a.py", edits: [first, { find: "import a", replace: "x" }] }),
    /^Error: Edit 2 of 2: .*Nothing was changed/,
  );
  assert.equal(await text("a.py"), source);
  const result = await edit({ file: "a.py", edits: [first, { find: "import b\n", replace: "" }] });
  assert.match(result.text, /2 edits/);
  assert.ok((await text("a.py")).startsWith("\ndef one"));
});

test("what does not stand there exactly once is told with lines and the nearest text", async (t) => {
  const { edit, text } = await setting(t, { "a.py": source, "crlf.txt": "one\r\ntwo\r\n" });
  await assert.rejects(
    edit({ file: "a.py", find: "return 1", replace: "x" }),
    /stands there 2 times \(in lines 4, 7\)/,
  );
  await assert.rejects(
    edit({ file: "a.py", find: "def one():\n  return 1", replace: "" }),
    /Line 3 differs from it in spaces only\. There stands: "def one\(\):\\n {4}return 1"/,
  );
  await assert.rejects(
    edit({ file: "a.py", find: "def won():", replace: "" }),
    /Most like it is line 3: "def one\(\):"/,
  );
  await assert.rejects(edit({ file: "a.py", find: "zzzzz", replace: "" }), /Nothing in its 8 lines is like it/);
  await assert.rejects(edit({ file: "a.py", find: "", replace: "x" }), /"find" is empty/);
  await assert.rejects(edit({ file: "a.py" }), /"find" is missing/);
  await assert.rejects(edit({ file: "b.py", find: "a", replace: "b" }), /There is no file "b\.py"/);
  assert.equal(await text("a.py"), source);
});

test("line ends, marks and encodings of the file stay as they are; what is no Unicode is left alone", async (t) => {
  const files = {
    "crlf.txt": "one\r\ntwo\r\nthree\r\n",
    "mark.txt": "\ufeffone\n",
    "wide.txt": Buffer.from("\ufeffone zwei 中\n", "utf16le"),
    "latin.txt": Buffer.from("Grüße aus Köln, schöne Straßen\n", "latin1"),
    "x.bin": Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]),
  };
  const { edit, bytes, text } = await setting(t, files);
  await edit({ file: "crlf.txt", find: "one\ntwo", replace: "1\n2" });
  assert.equal(await text("crlf.txt"), "1\r\n2\r\nthree\r\n");
  await edit({ file: "mark.txt", find: "one", replace: "two" });
  assert.equal(await text("mark.txt"), "\ufefftwo\n");
  await edit({ file: "wide.txt", find: "zwei", replace: "drei" });
  assert.deepEqual(await bytes("wide.txt"), Buffer.from("\ufeffone drei 中\n", "utf16le"));
  await assert.rejects(edit({ file: "latin.txt", find: "aus", replace: "von" }), /only UTF-8 is edited/);
  await assert.rejects(edit({ file: "x.bin", find: "E", replace: "F" }), /is an ELF program, not text/);
});

test("what is new takes the line ends of the file, which may be CR alone", async (t) => {
  const files = {
    "crlf.txt": "a = 1\r\nb = 2\r\n",
    "cr.txt": "one\rtwo\rthree\r",
    "mixed.txt": "a\nb\r\nc\r\n",
    "lf.txt": "a\nb\n",
    "wide.txt": Buffer.from("\ufeffone\r\ntwo\r\n", "utf16le"),
  };
  const { edit, text, bytes } = await setting(t, files);
  await edit({ file: "crlf.txt", find: "a = 1", replace: "a = 1\nc = 3" });
  assert.equal(await text("crlf.txt"), "a = 1\r\nc = 3\r\nb = 2\r\n");
  await edit({ file: "cr.txt", find: "one\ntwo", replace: "1\n2" });
  assert.equal(await text("cr.txt"), "1\r2\rthree\r");
  await edit({ file: "mixed.txt", find: "c", replace: "c\nd" });
  assert.equal(await text("mixed.txt"), "a\nb\r\nc\r\nd\r\n");
  await edit({ file: "lf.txt", find: "a", replace: "$& $1\n$$" });
  assert.equal(await text("lf.txt"), "$& $1\n$$\nb\n");
  await edit({ file: "wide.txt", find: "two", replace: "2\n3" });
  assert.deepEqual(await bytes("wide.txt"), Buffer.from("\ufeffone\r\n2\r\n3\r\n", "utf16le"));
});

test("long files, many lines that are nowhere, and whole files that change are answered soon", async (t) => {
  const numbered = (word: string, count: number) =>
    Array.from({ length: count }, (_, at) => `${word} ${at}\n`).join("");
  const { edit, text } = await setting(t, { "long.txt": numbered("old", 50_000) });
  const started = process.cpuUsage();
  await assert.rejects(edit({ file: "long.txt", find: numbered("other", 500), replace: "" }), /does not stand there/);
  const { text: answer } = await edit({
    file: "long.txt",
    find: numbered("old", 50_000),
    replace: numbered("new", 50_000),
  });
  assert.match(answer, /@@ -1,50000 \+1,50000 @@\n-old 0\n[^]*The rest of the difference is left out/);
  assert.equal(await text("long.txt"), numbered("new", 50_000));
  const edits = Array.from({ length: 50_000 }, (_, at) => ({ find: `new ${at}\n`, replace: `${at}\n` }));
  assert.match(
    JSON.stringify(applyEdits(numbered("new", 50_000), edits, { of: () => 100, met: () => undefined })),
    /50000 edits in a file of \d+ characters take too long/,
  );
  assert.ok(process.cpuUsage(started).user < 20_000_000);
});

test("a message about a file with a line break in its name stays on one line", async (t) => {
  const { edit } = await setting(t, { "a\nb\u001b[2J": Buffer.from([1, 0, 2]) });
  await assert.rejects(edit({ file: "a\nb\u001b[2J", find: "a", replace: "b" }), {
    message: "a\\nb\\u001b[2J is binary data, not text.",
  });
});
