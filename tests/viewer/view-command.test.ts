import assert from "node:assert/strict";
import { chmod, mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { canOpenBrowser, openBrowser } from "../../src/viewer/open-browser.js";
import { serveViewer } from "../../src/viewer/server/serve.js";
import type { ListedRun } from "../../src/viewer/shapes.js";
import { runInProcess } from "../support/in-process.js";
import { startProgram, temporaryFolder } from "../support/program.js";
import { makeJournal } from "./made-journal.js";

const run = "20261128-000000-000-abcd";
const other = "20261128-000001-000-bcde";
const words = { state: (state: string) => state, sentence: (reason: string) => reason };

test("view prints an address that answers, and ends in peace with Ctrl-C", async (t) => {
  const cwd = await temporaryFolder(t);
  await makeJournal(join(cwd, ".autogpt"), { run, steps: 2 });
  const running = startProgram({ cwd, args: ["view", "--no-open"] });
  t.after(() => running.child.kill("SIGKILL"));
  let said = "";
  running.child.stdout?.on("data", (text: string) => void (said += text));
  await running.says("Ctrl-C ends it.");
  const [address = ""] = said.split("\n");
  assert.equal((await fetch(address)).status, 200);
  running.child.kill("SIGINT");
  assert.equal((await running.ended).code, 0);
  await assert.rejects(fetch(address));
});

test("two runs go into one file; three, one that is not there, and none are told as such", async (t) => {
  const cwd = await temporaryFolder(t);
  const view = (...args: string[]) => runInProcess({ cwd, args: ["view", ...args] });
  assert.match((await view("--export", "a.html")).stderr, /There is no run .* to export/);
  await makeJournal(join(cwd, ".autogpt"), { run, steps: 2 });
  await makeJournal(join(cwd, ".autogpt"), { run: other, steps: 2 });
  assert.match((await view("abcd", "bcde", "--export", "a.html")).stdout, /2 runs in a\.html/);
  const page = await readFile(join(cwd, "a.html"), "utf8");
  assert.ok(page.includes(`"runs":["${run}","${other}"]`) && page.includes("Content-Security-Policy"));
  assert.doesNotMatch(page, /connect-src|https?:\/\/(?!www\.w3\.org)/, "it asks nobody for anything");
  assert.match((await view("a", "b", "c")).stderr, /Two runs can be looked at/);
  assert.match((await view("nope")).stderr, /There is no run "nope"/);
});

test("the browser is opened where there can be one, by a file that nobody else can read", async (t) => {
  const display = { DISPLAY: ":0" };
  if (process.platform === "linux") {
    assert.deepEqual([display, { ...display, SSH_CONNECTION: "x" }, { ...display, CI: "1" }, {}].map(canOpenBrowser), [
      true,
      false,
      false,
      false,
    ]);
  } else return t.skip("needs Linux, where the opener can be another one");
  const folder = await temporaryFolder(t);
  const said = join(folder, "said");
  await writeFile(join(folder, "xdg-open"), `#!/bin/sh\nprintf %s "$1" > ${said}.new && mv ${said}.new ${said}\n`);
  await chmod(join(folder, "xdg-open"), 0o755);
  const address = "http://127.0.0.1:1/?token=secret";
  const forget = await openBrowser(address, { ...display, PATH: `${folder}:/usr/bin:/bin` });
  const opened = new URL(await whenThere(said));
  assert.ok(!opened.href.includes("secret"));
  assert.match(await readFile(opened, "utf8"), /url=http:\/\/127\.0\.0\.1:1\/\?token=secret/);
  assert.equal((await stat(opened)).mode & 0o777, 0o600);
  assert.equal((await stat(dirname(opened.pathname))).mode & 0o777, 0o700);
  await forget();
  await assert.rejects(stat(opened));
  const nothing = await openBrowser(address, { ...display, PATH: join(folder, "nothing") });
  await nothing();
});

/** The text of a file that another process is about to make. */
async function whenThere(file: string): Promise<string> {
  for (;;) {
    const text = await readFile(file, "utf8").catch(() => null);
    if (text !== null) return text;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test("with --all the runs of other folders are listed behind the own ones, and can be looked at; an empty folder and a link are no runs, and what is no file cannot be read", async (t) => {
  const folder = await temporaryFolder(t);
  const [home, elsewhere] = [join(folder, "own"), join(folder, "elsewhere")];
  await makeJournal(home, { run, steps: 2 });
  await makeJournal(elsewhere, { run: other, steps: 3 });
  await mkdir(join(home, "runs", "empty"));
  await mkdir(join(home, "runs", "no-file", "events.jsonl"), { recursive: true });
  await symlink(join(elsewhere, "runs", other), join(home, "runs", "linked"));
  const viewer = await serveViewer({ home, otherHomes: [elsewhere], runs: [run], mask: (value) => value, words });
  t.after(() => viewer.close());
  const { origin, searchParams } = new URL(viewer.address);
  const headers = { authorization: `Bearer ${searchParams.get("token")}` };
  const listed = (await (await fetch(`${origin}/api/runs`, { headers })).json()) as ListedRun[];
  assert.deepEqual(
    listed.map((one) => [one.run, one.home, one.steps, one.state]),
    [
      [run, null, 2, "task-complete"],
      ["no-file", null, 0, "unreadable"],
      [other, elsewhere, 3, "task-complete"],
    ],
  );
  const step = await fetch(`${origin}/api/runs/${other}/step?n=3`, { headers });
  assert.match(await step.text(), /"step-end"/);
});
