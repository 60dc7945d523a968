import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { runInProcess } from "../../support/in-process.js";
import { bin, startProgram, temporaryFolder } from "../../support/program.js";
import { needsProgram } from "../../support/services/services.js";
import { onTerminal } from "../support/pseudo-terminal.js";

/** A folder with a run, a file and a folder, a program `autogpt` on the path, and the shell's script. */
async function world(t: TestContext, shell: string) {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, ".autogpt/runs/20261128-090000-000-bbbb"), { recursive: true });
  await mkdir(join(folder, "my work"));
  await writeFile(join(folder, "my goals.yaml"), "");
  await mkdir(join(folder, "bin"));
  const start = `#!/bin/sh\nexec "${process.execPath}" "${bin}" "$@"\n`;
  await writeFile(join(folder, "bin/autogpt"), start, { mode: 0o755 });
  const { stdout } = await runInProcess({ cwd: folder, args: ["completion", shell] });
  await writeFile(join(folder, "script"), stdout);
  return { folder, env: { PATH: `${join(folder, "bin")}:${process.env["PATH"]}`, HOME: folder } };
}

test("bash completes values, runs, files and folders with spaces, and behind =", async (t) => {
  if (!(await needsProgram(t, "bash", "bash"))) return;
  const { folder, env } = await world(t, "bash");
  const lines = [
    ["--output-format", ""],
    ["--output-format", "=", "str"],
    ["--resume", ""],
    ["-C", "my"],
    ["-w", "my"],
    ["memory", "search", "--c"],
  ];
  const asked = lines.map(
    (words) =>
      `COMP_WORDS=(autogpt ${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length}; _autogpt; (IFS='|'; echo "\${COMPREPLY[*]}")`,
  );
  const script = `compopt() { :; }\nsource ./script\n${asked.join("\n")}`;
  const offered = execFileSync("bash", ["--norc", "-c", script], { cwd: folder, env, encoding: "utf8" });
  assert.deepEqual(offered.trim().split("\n"), [
    "text|json|stream-json",
    "stream-json",
    "20261128-090000-000-bbbb",
    "my goals.yaml|my work",
    "my work",
    "--count",
  ]);
});

test("fish completes values, runs and files, and shows whole sentences", async (t) => {
  if (!(await needsProgram(t, "fish", "fish"))) return;
  const { folder, env } = await world(t, "fish");
  const script = ["--output-format ", "--resume ", "-C my", "inge", "memory search --c"].map(
    (line) => `echo (complete -C 'autogpt ${line}' | string join '|')`,
  );
  const offered = execFileSync("fish", ["-N", "-c", ["source ./script", ...script].join("\n")], {
    ...{ cwd: folder, env, encoding: "utf8" },
  });
  const [formats, runs, files, ingest, flags] = offered.split("\n");
  assert.deepEqual(formats?.split("|").sort(), ["json", "stream-json", "text"]);
  assert.equal(runs, "20261128-090000-000-bbbb");
  assert.match(files ?? "", /my.?.? ?goals\.yaml/);
  assert.match(ingest ?? "", /^ingest\t.*AI's memory$/);
  assert.match(flags ?? "", /^--count\t/);
});

test("zsh completes values, runs and files at its prompt", async (t) => {
  if (!(await needsProgram(t, "zsh", "zsh"))) return;
  const { folder, env } = await world(t, "zsh");
  await writeFile(
    join(folder, ".zshrc"),
    "PS1='ready> '; autoload -Uz compinit; compinit -u -D; source ./script; unsetopt beep; setopt noautomenu\n",
  );
  const start: Parameters<typeof onTerminal>[0] = (args, given) => {
    const running = startProgram({ ...given, cwd: folder, args });
    t.after(() => running.child.kill("SIGKILL"));
    return running;
  };
  const { screen, type, shows } = onTerminal(start, ["zsh", "-i"], { columns: 100, rows: 30 }, env);
  const line = (text: string) =>
    shows(() => screen.visible().some((one) => one.trimEnd() === `ready> ${text}`.trimEnd()));
  await line("");
  for (const [typed, becomes] of [
    ["autogpt --output-format st\t", "autogpt --output-format stream-json"],
    ["autogpt --output-format=js\t", "autogpt --output-format=json"],
    ["autogpt --resume 2\t", "autogpt --resume 20261128-090000-000-bbbb"],
    ["autogpt -C my\\ g\t", "autogpt -C my\\ goals.yaml"],
    ["autogpt memory search --co\t", "autogpt memory search --count"],
  ] as const) {
    await type(typed);
    await line(becomes);
    await type("\x15");
    await line("");
  }
  await type("autogpt inge\t\x15autogpt --output-format \t");
  await shows(() => screen.visible().some((one) => /text +json +stream-json|json +stream-json +text/.test(one)));
});
