import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { CommandContext } from "../../src/commands/command.js";
import { deleteFile } from "../../src/commands/files/delete-file.js";
import { allCommands, commandMap } from "../../src/commands/index.js";
import { prepareCommand } from "../../src/commands/prepare.js";
import type { Preview } from "../../src/history/events/preview.js";
import { workspaceWith } from "../support/once.js";

/** What a person is told of a call: its effect, if it has one of its own, and its preview. */
async function told(
  t: TestContext,
  files: Record<string, string>,
  name: string,
  args: Record<string, unknown>,
): Promise<{ effect: string | undefined; preview: Preview }> {
  const context = { workspace: await workspaceWith(t, files) } as unknown as CommandContext;
  const prepared = prepareCommand(commandMap(allCommands), { name, args });
  assert.ok(prepared.ok);
  const { effect } = name.startsWith("execute") ? {} : await prepared.review(context);
  return { effect: effect ?? prepared.effect, preview: await prepared.preview(context) };
}

test("writing to a file that is there replaces it, by whatever name it is called, and shows both texts", async (t) => {
  const files = { "notes/a.txt": "mine\n" };
  const after = { bytes: 3, text: "hi\n" };
  assert.deepEqual(await told(t, files, "write_to_file", { file: "./notes/../notes/a.txt", text: "hi\n" }), {
    effect: "replaces",
    preview: [{ kind: "file", path: "notes/a.txt", before: { bytes: 5, text: "mine\n" }, after }],
  });
  assert.deepEqual(await told(t, files, "write_to_file", { file: "notes/b.txt", text: "hi\n" }), {
    effect: "writes",
    preview: [{ kind: "file", path: "notes/b.txt", before: null, after }],
  });
});

test("appending and deleting show what is there and what will be", async (t) => {
  const before = { bytes: 2, text: "a\n" };
  assert.deepEqual(await told(t, { "a.txt": "a\n" }, "append_to_file", { file: "a.txt", text: "ü" }), {
    effect: "writes",
    preview: [{ kind: "file", path: "a.txt", before, after: { bytes: 4, text: "a\nü" } }],
  });
  assert.deepEqual(await told(t, { "a.txt": "a\n" }, "delete_file", { file: "a.txt" }), {
    effect: "deletes",
    preview: [{ kind: "file", path: "a.txt", before, after: null }],
  });
});

test("deleting a link is not shown as deleting what it leads to", async (t) => {
  const workspace = await workspaceWith(t, { "in/a.txt": "a" });
  await symlink("in/a.txt", join(workspace.root, "link"));
  await symlink("in", join(workspace.root, "way"));
  const preview = (file: string) => deleteFile.preview?.({ file } as never, { workspace } as CommandContext);
  assert.deepEqual(await preview("link"), [
    { kind: "text", title: "deletes a link, and not what it leads to", text: "link -> in/a.txt" },
  ]);
  assert.deepEqual((await preview("way/a.txt"))?.[0], {
    ...{ kind: "file", path: "in/a.txt", before: { bytes: 1, text: "a" }, after: null },
  });
});

test("of a file that is no text, or too long to be shown, the size is told alone", async (t) => {
  const files = { "a.bin": "a\0b", "long.txt": "x".repeat(2 ** 20 + 1) };
  for (const [file, bytes] of [
    ["a.bin", 3],
    ["long.txt", 2 ** 20 + 1],
  ] as const) {
    const { preview } = await told(t, files, "delete_file", { file });
    assert.deepEqual(preview, [{ kind: "file", path: file, before: { bytes, text: null }, after: null }]);
  }
});

test("an address is told with the host that a connection goes to", async (t) => {
  const { preview } = await told(t, {}, "browse_website", {
    url: "https://bank.com@evil.example:8443/x",
    question: "q",
  });
  assert.deepEqual(preview[0], {
    kind: "address",
    host: "evil.example:8443",
    url: "https://bank.com@evil.example:8443/x",
  });
  assert.equal((await told(t, {}, "browse_website", { url: "no address" })).preview[0]?.kind, "text");
});

test("a shell line is told as it is, a script with its text, and anything else by its arguments", async (t) => {
  const line = "cat a.txt | sort  > b.txt\nls";
  assert.deepEqual((await told(t, {}, "execute_shell", { command_line: line })).preview, [{ kind: "shell", line }]);
  assert.deepEqual((await told(t, { "a.py": "print(1)" }, "execute_python_file", { file: "a.py" })).preview, [
    { kind: "text", title: "runs a.py", text: "print(1)" },
  ]);
  assert.deepEqual((await told(t, {}, "improve_code", { suggestions: ["a", "b"], code: "c" })).preview, [
    { kind: "text", title: "suggestions", text: "a\nb" },
    { kind: "text", title: "code", text: "c" },
  ]);
});

test("a call that cannot be looked at says why, and its arguments", async (t) => {
  const { effect, preview } = await told(t, {}, "write_to_file", { file: "../x", text: "y" });
  assert.equal(effect, "writes");
  assert.deepEqual(preview.slice(0, 2), [
    { kind: "text", title: "file", text: "../x" },
    { kind: "text", title: "text", text: "y" },
  ]);
  assert.match(preview[2]?.kind === "text" ? preview[2].text : "", /workspace/);
});
