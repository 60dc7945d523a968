import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { partIn } from "../../../src/cassette/encode.js";
import { runInProcess } from "../../support/in-process.js";
import { bin, startProgram, temporaryFolder } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { bubblewrap, needsPrograms } from "../../support/services/services.js";
import { scriptedWorld, type World } from "../support/scripted-world.js";

const done = reply("task_complete", { reason: "Done." });
const write = (file: string, text: string): string => reply("write_to_file", { file, text });

type Found = { identical: boolean; requests: number; same: number; notAsThen: string[] };

async function recorded(t: TestContext, script: readonly string[]): Promise<World> {
  const world = await scriptedWorld(t, script);
  const workspace = join(world.folder, "workspace");
  await mkdir(join(workspace, "empty"), { recursive: true });
  await writeFile(join(workspace, "tool.sh"), "echo tool\n", { mode: 0o755 });
  await chmod(join(workspace, "tool.sh"), 0o755);
  await symlink("tool.sh", join(workspace, "link.sh"));
  const { code, stderr } = await world.run(["-c"]);
  assert.equal(code, 0, stderr);
  return world;
}

/** All that a bundle has, with the compressed parts of its cassette as they are when they are read. */
function textsIn(archive: Uint8Array): string {
  const files = unzipSync(archive);
  const parts = strFromU8(files["cassette.jsonl"] ?? new Uint8Array())
    .split("\n")
    .flatMap((line) => (line === "" ? [] : [JSON.parse(line) as { type: string; deflated?: string }]))
    .flatMap((line) => (line.deflated === undefined ? [] : [JSON.stringify(partIn(line, 1 << 20).value)]));
  return [...Object.entries(files).map(([name, bytes]) => `${name}\n${strFromU8(bytes)}`), ...parts].join("\n");
}

test("a bundle replays where nothing of the machine is left that it was made on", async (t) => {
  if (!(await needsPrograms(t, bubblewrap))) return;
  const world = await recorded(t, [
    write("a.txt", "one"),
    reply("append_to_file", { file: "tool.sh", text: "echo more\n" }),
    reply("list_files", { directory: "." }),
    reply("read_file", { file: "link.sh" }),
    done,
  ]);
  const { code, stderr } = await world.run(["bundle", "last", "-o", "b.zip"]);
  assert.equal(code, 0, stderr);
  const elsewhere = await temporaryFolder(t);
  await writeFile(join(elsewhere, "b.zip"), await readFile(join(world.folder, "b.zip")));
  await world.server.close();
  // Another user with another home and other habits, no network, and nothing of the folder in which the run was.
  const confined = [
    ...["--die-with-parent", "--dev-bind", "/", "/", "--tmpfs", world.folder, "--bind", elsewhere, elsewhere],
    ...["--setenv", "HOME", join(elsewhere, "home"), "--setenv", "TMPDIR", elsewhere, "--chdir", elsewhere],
    ...["sh", "-c", 'umask 077; ls -A "$0"; exec "$@"', world.folder],
    ...[process.execPath, bin, "replay", "b.zip", "--json"],
  ];
  const ended = await startProgram({ cwd: elsewhere, node: "bwrap", program: "--unshare-net", args: confined }).ended;
  assert.equal(ended.code, 0, ended.stdout + ended.stderr);
  const { identical, same, requests, notAsThen } = JSON.parse(ended.stdout) as Found;
  assert.deepEqual([identical, same, requests, notAsThen], [true, 5, 5, []]);
  assert.deepEqual(await readdir(elsewhere), ["b.zip"]);
});

test("a bundle has the workspace without what later runs changed there, and replays elsewhere", async (t) => {
  const list = reply("list_files", { directory: "." });
  const world = await recorded(t, [
    ...[write("a.txt", "one"), list, reply("read_file", { file: "a.txt" }), done],
    ...[write("a.txt", "another"), write("b/new.txt", "two"), reply("delete_file", { file: "tool.sh" }), done],
  ]);
  const [first] = await readdir(join(world.folder, ".autogpt", "runs"));
  assert.equal((await world.run(["-c"])).code, 0);
  const { code, stderr } = await world.run(["bundle", first ?? "", "-o", "b.zip"]);
  assert.equal(code, 0, stderr);
  assert.equal(await readFile(join(world.folder, "workspace", "a.txt"), "utf8"), "another", "nothing is changed here");
  const files = unzipSync(await readFile(join(world.folder, "b.zip")));
  const names = Object.keys(files).filter((name) => name.startsWith("workspace/"));
  assert.deepEqual(names.sort(), ["workspace/a.txt", "workspace/tool.sh"]);
  const elsewhere = await scriptedWorld(t, []);
  await writeFile(join(elsewhere.folder, "b.zip"), await readFile(join(world.folder, "b.zip")));
  const replayed = await elsewhere.run(["replay", "b.zip", "--json"]);
  assert.equal(replayed.code, 0, replayed.stdout + replayed.stderr);
  const { identical, requests, notAsThen } = JSON.parse(replayed.stdout) as Found;
  assert.deepEqual([identical, requests, notAsThen], [true, 4, []]);
});

test("nothing in a bundle has a key, not one either that became one after the run", async (t) => {
  const secret = "sk-secret-of-the-user-1";
  const long = (text: string): string => `${text} ${"and more ".repeat(200)}`;
  const world = await recorded(t, [
    write("a.txt", `before ${secret}`),
    write("a.txt", long(`between ${Buffer.from(secret).toString("base64")}`)),
    write("a.txt", "after"),
    reply("memory_add", { string: long(secret) }),
    done,
  ]);
  const workspace = join(world.folder, "workspace");
  await writeFile(join(workspace, "key.txt"), `the key is ${secret}`);
  await writeFile(join(workspace, ".env"), "DATABASE_PASSWORD=unknown-to-us");
  const { code, stdout, stderr } = await world.run(["bundle", "last", "-o", "b.zip"], {
    env: { OPENAI_API_KEY: secret },
  });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Left out of the workspace: \.env, key\.txt/);
  assert.match(stdout, /Left out as they hold a key or password: 2 earlier contents/);
  const archive = await readFile(join(world.folder, "b.zip"));
  const texts = textsIn(archive);
  assert.ok(texts.includes("[secret]"));
  assert.doesNotMatch(texts, new RegExp(`${secret}|${Buffer.from(secret).toString("base64")}|unknown-to-us`));
  assert.equal((await world.run(["replay", "b.zip"], { env: { OPENAI_API_KEY: secret } })).code, 0);
});

test("an archive that leads out of a bundle's folder, or is none, is refused", async (t) => {
  const world = await recorded(t, [done]);
  assert.equal((await world.run(["bundle", "last", "-o", "b.zip"])).code, 0);
  const elsewhere = await temporaryFolder(t);
  const files = unzipSync(await readFile(join(world.folder, "b.zip")));
  const refused = async (archive: Uint8Array | string, expected: RegExp): Promise<void> => {
    await writeFile(join(elsewhere, "bad.zip"), archive);
    const bad = await runInProcess({ cwd: elsewhere, args: ["replay", "bad.zip"] });
    assert.deepEqual([bad.code, expected.test(bad.stderr)], [2, true], bad.stderr);
  };
  const bad = ["../out.txt", "workspace/../../out.txt", "/out.txt", "workspace\\..\\out.txt", "C:/out.txt", "other/x"];
  for (const name of bad) await refused(zipSync({ ...files, [name]: strToU8("x") }), /which no bundle has/);
  await refused("no archive", /it is no bundle/);
  const manifest = JSON.parse(strFromU8(files["manifest.json"] ?? new Uint8Array())) as { entries: object[] };
  const withEntry = (entry: object): Uint8Array => {
    const changed = { ...manifest, entries: [entry, ...manifest.entries] };
    return zipSync({ ...files, "manifest.json": strToU8(JSON.stringify(changed)) });
  };
  await refused(withEntry({ kind: "link", path: "../out", target: "/etc" }), /its manifest\.json is not of a bundle/);
  await refused(withEntry({ kind: "link", path: "tool.sh", target: "/etc" }), /its workspace cannot be made/);
  await refused(withEntry({ kind: "file", path: "none", mode: 0o600 }), /its workspace cannot be made/);
  const [behind, there] = [{ kind: "link", path: "z/through", target: "x" }, await temporaryFolder(t)];
  const linked = { kind: "link", path: "z", target: there };
  const both = { ...manifest, entries: [...manifest.entries, linked, behind] };
  await refused(
    zipSync({ ...files, "manifest.json": strToU8(JSON.stringify(both)) }),
    /"z\/through" lies behind another/,
  );
  await refused(zipSync({ ...files, "workspace/a": strToU8("x"), "workspace/a/b": strToU8("y") }), /cannot be made/);
  const later = { ...manifest, format: 2, version: "9.9.9" };
  await refused(
    zipSync({ ...files, "manifest.json": strToU8(JSON.stringify(later)) }),
    /It was made by autogpt 9\.9\.9/,
  );
  const withoutJournal = Object.entries(files).filter(([name]) => name !== "events.jsonl");
  await refused(zipSync(Object.fromEntries(withoutJournal)), /it has no events\.jsonl/);
  assert.deepEqual(await readdir(there), []);
  await rm(join(elsewhere, "bad.zip"));
  assert.deepEqual(await readdir(elsewhere), []);
});

type Line = {
  type: string;
  sum?: string;
  about: { root: string; settings: Record<string, unknown>; [field: string]: unknown };
  body: unknown;
  [field: string]: unknown;
};

test("a record that was edited is refused with its place, and a replay writes nothing behind a link", async (t) => {
  const world = await recorded(t, [done]);
  assert.equal((await world.run(["bundle", "last", "-o", "b.zip"])).code, 0);
  const files = unzipSync(await readFile(join(world.folder, "b.zip")));
  const [elsewhere, there] = [await temporaryFolder(t), await temporaryFolder(t)];
  const replayed = async (edit: (line: Line) => void, also: Record<string, Uint8Array> = {}) => {
    const edited = strFromU8(files["cassette.jsonl"] ?? new Uint8Array())
      .trimEnd()
      .split("\n")
      .map((text) => {
        const line = JSON.parse(text) as Line;
        delete line.sum;
        edit(line);
        return `${JSON.stringify(line)}\n`;
      });
    await writeFile(
      join(elsewhere, "c.zip"),
      zipSync({ ...files, ...also, "cassette.jsonl": strToU8(edited.join("")) }),
    );
    return runInProcess({ cwd: elsewhere, args: ["replay", "c.zip"] });
  };
  const inSession = (edit: (about: Line["about"]) => void) => (line: Line) =>
    void (line.type === "session" && edit(line.about));
  const body = (value: unknown) => (line: Line) => void (line.type === "request" && (line.body = value));
  const reading = (of: string, value: unknown) => (line: Line) =>
    void (line.type === "reading" && line["of"] === of && (line["value"] = value));
  const refused: [(line: Line) => void, RegExp][] = [
    [inSession((about) => (about["hooks"] = {})), /about\.hooks of a session is not as/],
    [inSession((about) => (about.settings["sandbox"] = { x: 1 })), /about\.settings\.sandbox of a session is not as/],
    [
      inSession(
        (about) => (about["commands"] = [{ name: "c", args: { properties: { a: { $ref: "#/x" } } }, has: {} }]),
      ),
      /are no JSON Schema/,
    ],
    [body({ messages: { $parts: [[0, 4e9]] } }), /line \d+: the request is damaged: It names parts that are not there/],
    [body({ messages: { $part: 99 } }), /the request is damaged: It names the part 99, which is not there/],
    [body(5), /the request is damaged: It is no body/],
    [inSession((about) => (about["only"] = { x: 1 })), /about\.only of a session is not as/],
    [inSession((about) => (about["isResumed"] = true)), /about\.isResumed of a session is not as/],
    [inSession((about) => (about["approve"] = [5])), /cannot begin with what its record says of it/],
    [reading("now", 5), /reading 0 of "now" in step 0 is not as/],
    [reading("now", null), /reading 0 of "now" in step 0 is not as/],
    [(line) => void (line.type = "answers"), /c\.zip: cassette\.jsonl, line 1: /],
  ];
  for (const [edit, expected] of refused) {
    const { code, stderr } = await replayed(edit);
    assert.deepEqual([code, expected.test(stderr)], [2, true], stderr);
  }
  const manifest = JSON.parse(strFromU8(files["manifest.json"] ?? new Uint8Array())) as { entries: object[] };
  const linked = { ...manifest, entries: [...manifest.entries, { kind: "link", path: "z", target: there }] };
  const withLink = { "manifest.json": strToU8(JSON.stringify(linked)) };
  const atHome = (place: string) => inSession((about) => (about.settings["home"] = join(about.root, place)));
  await replayed(atHome("z"), withLink);
  const { code, stderr } = await replayed(atHome("z/inner"), withLink);
  assert.deepEqual([code, /lies behind the link "z"/.test(stderr)], [2, true], stderr);
  assert.deepEqual(await readdir(there), []);
});
