import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { editInEditor, editorOf, readArguments } from "../../../src/console/approval/edit-arguments.js";
import { temporaryFolder } from "../../support/program.js";

test("arguments are edited in the person's editor, in a file that is theirs alone and gone afterwards", async (t) => {
  const folder = await temporaryFolder(t);
  const seen = join(folder, "seen");
  const editor = join(folder, "an editor.sh");
  await writeFile(
    editor,
    `printf '%s\\n' "$2" > '${seen}.path'; stat -c %a "$2" > '${seen}.mode'; cp "$2" '${seen}'; sed -i 's/b\\.txt/c.txt/' "$2"\n`,
  );
  const args = { file: "b.txt", text: "one\n  two: 'x'\n\ttabbed \n\n", lines: 5 };
  const edited = await editInEditor(`sh "${editor}" --wait`, "write_to_file", args);
  assert.deepEqual(edited, { ok: true, args: { ...args, file: "c.txt" } });
  assert.match(await readFile(seen, "utf8"), /^# The arguments of write_to_file.*\nfile: b\.txt\n/);
  assert.equal((await readFile(`${seen}.mode`, "utf8")).trim(), "600");
  await assert.rejects(stat((await readFile(`${seen}.path`, "utf8")).trim()), { code: "ENOENT" });
});

test("an editor that fails changes nothing, and says so", async () => {
  const edited = await editInEditor("false", "read_file", { file: "a" });
  assert.match(edited.ok ? "" : edited.problem, /The editor \(false\) failed: exit code 1/);
  const missing = await editInEditor("no-such-editor", "read_file", { file: "a" });
  assert.match(missing.ok ? "" : missing.problem, /exit code 127/);
});

test("JSON and YAML are read; what is neither, or no arguments, is told", async () => {
  assert.deepEqual(await readArguments('{"file": "a"}'), { ok: true, args: { file: "a" } });
  assert.deepEqual(await readArguments("# one\nfile: a\ntext: |\n  b\n"), {
    ok: true,
    args: { file: "a", text: "b\n" },
  });
  for (const text of ["", "just words", "[1]", "a: [", "5", `{"a": ${"[".repeat(200)}${"]".repeat(200)}}`]) {
    const { ok } = await readArguments(text);
    assert.equal(ok, false, text);
  }
});

test("VISUAL goes before EDITOR, and an empty one is none", () => {
  assert.equal(editorOf({ VISUAL: "code --wait", EDITOR: "vi" }), "code --wait");
  assert.equal(editorOf({ VISUAL: " ", EDITOR: "vi" }), "vi");
  assert.equal(editorOf({}), null);
});
