import assert from "node:assert/strict";
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import test from "node:test";
import { openServer } from "../../src/compose/server.js";
import { main } from "../../src/main.js";
import { isOpenToGit } from "../../src/settings/environment/git-ignored.js";
import { loadSettings } from "../../src/settings/load.js";
import { addressIn, askForModel, keyProblem, offerConnection } from "../../src/subcommands/init/connect.js";
import { chatModels, findLocalServers } from "../../src/subcommands/init/local-servers.js";
import { runInProcess } from "../support/in-process.js";
import { temporaryFolder } from "../support/program.js";
import { startFakeOpenAi } from "../support/services/fake-open-ai.js";

function typing(...lines: string[]) {
  const said: string[] = [];
  const hidden: string[] = [];
  return {
    ...{ said, hidden },
    ask: async (question: string, options?: { hidden?: boolean }): Promise<string | null> => {
      if (options?.hidden) hidden.push(question);
      return lines.shift() ?? null;
    },
    say: (line: string): void => void said.push(line),
  };
}

test("what can be no key is refused with a word, and an address is taken for one", () => {
  for (const key of [
    "-",
    "--yes",
    "localhost:18080",
    "http://a.example/v1",
    "a b",
    "'sk-1'",
    "your-openai-api-key",
    "schlüssel",
  ])
    assert.notEqual(keyProblem(key), null, key);
  for (const key of ["sk-proj-abc_DEF-123", "gsk_abc", "ollama", "x"]) assert.equal(keyProblem(key), null, key);
  assert.equal(addressIn("localhost:18080"), "http://localhost:18080");
  assert.equal(addressIn(":8080/v1"), "http://localhost:8080/v1");
  assert.equal(addressIn("10.0.0.2:8000/v1/"), "http://10.0.0.2:8000/v1");
  assert.equal(addressIn("sk-proj-abc"), null);
});

test("init --key refuses what can be no key, exit 2, and writes nothing", async (t) => {
  const cwd = await temporaryFolder(t);
  for (const key of ["--key=-", "--key=localhost:18080"]) {
    const { code, stderr } = await runInProcess({ cwd, args: ["init", "--ai-name", "A", key] });
    assert.equal(code, 2);
    assert.match(stderr, /can be no key/);
  }
  await assert.rejects(stat(join(cwd, ".env")));
});

test("models are chosen from the server's list; a name that is not in it has to be entered twice", async () => {
  const settings = { smartModel: "a", fastModel: "b" };
  const models = ["one", "two"];
  assert.equal(await askForModel({ dialogue: typing("2"), settings }, models), "two");
  assert.equal(await askForModel({ dialogue: typing(""), settings }, models), "one");
  assert.equal(await askForModel({ dialogue: typing("write a short file", "one"), settings }, models), "one");
  assert.equal(await askForModel({ dialogue: typing("own", "own"), settings }, models), "own");
  assert.equal(await askForModel({ dialogue: typing(""), settings }, ["a", "b"]), null);
  assert.deepEqual(chatModels(["gpt-6", "text-embedding-3-small", "nomic-embed-text", "whisper-1", "qwen3:8b"]), [
    "gpt-6",
    "qwen3:8b",
  ]);
});

test("servers of this computer are found on the ports that are asked, and ports without one are passed over", async (t) => {
  const server = await startFakeOpenAi({ models: [{ id: "llama3.2" }, { id: "nomic-embed-text" }] });
  t.after(() => server.close());
  const port = Number(new URL(server.url).port);
  const found = await findLocalServers(new AbortController().signal, [
    ["Ollama", port],
    ["nobody", 1],
  ]);
  assert.deepEqual(found, [{ name: "Ollama", address: `http://127.0.0.1:${port}/v1`, models: ["llama3.2"] }]);
});

test("without a key a server of this computer, the demo or a key can be chosen; a key is tried once, and not shown", async (t) => {
  const server = await startFakeOpenAi({ models: [{ id: "m1" }, { id: "m2" }] });
  const strict = await startFakeOpenAi({ listFault: { kind: "status", status: 401 } as never });
  t.after(() => Promise.all([server.close(), strict.close()]));
  const { settings } = await loadSettings({ cwd: await temporaryFolder(t), environment: {} });
  const signal = new AbortController().signal;
  const to = (url: string) => (given: typeof settings, ms?: number) => openServer({ ...given, openAiBaseUrl: url }, ms);
  const local = [{ name: "Ollama", address: server.url, models: ["m1", "m2"] }];
  const choose = (url: string, ...lines: string[]) => {
    const dialogue = typing(...lines);
    return offerConnection({ settings, dialogue, open: to(url), signal }, local).then((choice) => ({
      choice,
      dialogue,
    }));
  };
  assert.deepEqual((await choose(server.url, "3")).choice, { kind: "demo" });
  assert.equal((await choose(server.url, "")).choice, null);
  assert.deepEqual((await choose(server.url, "2", "2")).choice, {
    kind: "values",
    values: { OPENAI_API_BASE_URL: server.url, SMART_LLM_MODEL: "m2", FAST_LLM_MODEL: "m2" },
  });
  const good = await choose(server.url, "1", "sk-good-0000001");
  assert.deepEqual(good.choice, { kind: "values", values: { OPENAI_API_KEY: "sk-good-0000001" } });
  assert.equal(good.dialogue.hidden.length, 1);
  const before = strict.listRequests.length;
  const bad = await choose(strict.url, "1", "sk-bad-00000001", "");
  assert.equal(bad.choice, null);
  assert.match(bad.dialogue.said.join("\n"), /refused by the server \(status 401\)/);
  assert.equal(strict.listRequests.length - before, 1);
});

test("at a terminal without a key one is asked for, and a key that is typed is not shown", async (t) => {
  const cwd = await temporaryFolder(t);
  await mkdir(join(cwd, ".git"));
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  let shown = "";
  const answers: [RegExp, string][] = [
    [/Enter to leave: $/, "1\r"],
    [/What you type is not shown: $/, "http://127.0.0.1:9/v1\r"],
    [/it needs none\): $/, "sk-typed-0000001\r"],
    [/Which model there .*: $/, "m\r"],
    [/for all your folders .*\? $/, "\r"],
    [/Add it to \.gitignore\?.* $/, "\r"],
    [/AI Name: $/, "\u0003"],
  ];
  const controller = new AbortController();
  const out = Object.assign(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        shown += chunk.toString().replace(/\u001b\[[\d?]*[A-Za-z]/g, "");
        const [next] = answers;
        if (next?.[0].test(shown)) {
          answers.shift();
          if (next[1] === "\u0003") controller.abort(new Error("enough"));
          else setImmediate(() => input.write(next[1]));
        }
        done();
      },
    }),
    { isTTY: true, columns: 200 },
  );
  await main([], {
    cwd,
    environment: { PATH: process.env["PATH"] ?? "", HOME: cwd },
    streams: { stdin: input, stdout: out, stderr: out },
    interruption: { signal: controller.signal, stop: () => undefined },
  });
  assert.deepEqual(answers, [], shown);
  assert.equal(shown.includes("sk-typed"), false);
  const file = join(cwd, ".env");
  assert.match(await readFile(file, "utf8"), /OPENAI_API_KEY=sk-typed-0000001/);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.equal(await readFile(join(cwd, ".gitignore"), "utf8"), ".env\n");
});

test("a file is open to Git unless a .gitignore on its way or the repository's exclusions name it", async (t) => {
  const root = await temporaryFolder(t);
  const file = join(root, "sub", ".env");
  await mkdir(join(root, "sub"));
  assert.equal(await isOpenToGit(file), false);
  await mkdir(join(root, ".git", "info"), { recursive: true });
  assert.equal(await isOpenToGit(file), true);
  await writeFile(join(root, ".git", "info", "exclude"), ".env\n");
  assert.equal(await isOpenToGit(file), false);
  await writeFile(join(root, "sub", ".gitignore"), "!.env\n");
  assert.equal(await isOpenToGit(file), true);
});

test("doctor warns about a .env with a key that others can read or that Git would take", async (t) => {
  const cwd = await temporaryFolder(t);
  const server = await startFakeOpenAi({});
  t.after(() => server.close());
  await mkdir(join(cwd, ".git"));
  await writeFile(join(cwd, ".env"), "OPENAI_API_KEY=sk-open-00000001\n");
  await chmod(join(cwd, ".env"), 0o644);
  const env = { OPENAI_API_BASE_URL: server.url };
  const { stdout } = await runInProcess({ cwd, env, args: ["doctor"] });
  assert.match(stdout, /warn +env-file .*others can read it; .*Git would take it\n.*chmod 600/);
});
