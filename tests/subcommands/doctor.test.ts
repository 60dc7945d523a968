import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFile, chmod, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import test, { type TestContext } from "node:test";
import { doctorChecks } from "../../src/subcommands/doctor/checks.js";
import type { DoctorEntry, Fix, DoctorContext } from "../../src/subcommands/doctor/check.js";
import { clockCheck } from "../../src/subcommands/doctor/machine/clock-check.js";
import { nodeCheck } from "../../src/subcommands/doctor/machine/node-check.js";
import { speechCheck } from "../../src/subcommands/doctor/machine/speech-check.js";
import { loadSettings } from "../../src/settings/load.js";
import { errorBody, reply, startFakeOpenAi, type FakeOpenAiOptions } from "../support/services/fake-open-ai.js";
import { runInProcess } from "../support/in-process.js";
import { temporaryFolder, writeAi } from "../support/program.js";
import { stubPlayers } from "../support/stub-player.js";

const models = ["gpt-6.1-terra", "gpt-6-luna", "text-embedding-3-small"].map((id) => ({ id, shutdown_date: null }));

/** A folder with everything that a run needs, and how the doctor sees it. */
async function healthy(t: TestContext, options: FakeOpenAiOptions = {}) {
  const folder = await temporaryFolder(t);
  const server = await startFakeOpenAi({ models, chat: () => "OK", ...options });
  t.after(() => server.close());
  const stub = await stubPlayers(folder, ["espeak-ng", "chromium"]);
  await writeAi(folder);
  const lines = [
    "OPENAI_API_KEY=sk-doctor-0001",
    `OPENAI_API_BASE_URL=${server.url}`,
    "BRAVE_API_KEY=brave-doctor-0001",
  ];
  await writeFile(join(folder, ".env"), lines.map((line) => `${line}\n`).join(""), { mode: 0o600 });
  const path = `${stub.path}${delimiter}${process.env["PATH"] ?? ""}`;
  const doctor = async (args: readonly string[] = [], env: Record<string, string> = {}) => {
    const { code, stdout, stderr } = await runInProcess({
      cwd: folder,
      args: ["doctor", "--json", ...args],
      env: { PATH: path, ...env },
    });
    assert.equal(stdout.includes("sk-doctor-0001") || stderr.includes("sk-doctor-0001"), false);
    const entries = JSON.parse(stdout) as DoctorEntry[];
    return { code, entries, of: (id: string) => entries.find((entry) => entry.id === id) };
  };
  return { folder, server, doctor };
}

/** Does what an entry advises, to the letter. */
async function carryOut(folder: string, fixes: readonly Fix[] | undefined): Promise<void> {
  assert.ok(fixes && fixes.length > 0, "there is something to carry out");
  for (const fix of fixes) {
    if ("command" in fix) execFileSync("sh", ["-c", fix.command], { cwd: folder, stdio: "ignore" });
    else await appendFile(join(folder, ".env"), `${fix.setting}\n`);
  }
}

test("on a machine with everything all is ok, exit 0, and --live makes one call to each model", async (t) => {
  const { server, doctor } = await healthy(t);
  const { code, entries } = await doctor(["--live"]);
  assert.deepEqual(
    entries.map(({ id, state }) => `${id} ${state}`),
    doctorChecks.filter(({ id }) => id !== "queue").map(({ id }) => `${id} ok`),
  );
  assert.equal(code, 0);
  assert.deepEqual(server.requests.map(({ path }) => path).sort(), ["/v1/chat/completions", "/v1/embeddings"]);
  await doctor();
  assert.equal(server.requests.length, 2, "without --live nothing is spent");
});

test("on a bare machine the key and the endpoint fail, exit 2, and nothing is thrown", async (t) => {
  const folder = await temporaryFolder(t);
  const env = { OPENAI_API_BASE_URL: "http://127.0.0.1:1/v1", PATH: folder };
  const { code, stdout } = await runInProcess({ cwd: folder, args: ["doctor", "--json"], env });
  const entries = JSON.parse(stdout) as DoctorEntry[];
  const failed = entries.filter(({ state }) => state === "fail").map(({ id }) => id);
  assert.deepEqual([code, failed], [2, ["endpoint"]]);
  assert.equal(entries.find(({ id }) => id === "speech")?.state, "warn");
  const keyless = await runInProcess({ cwd: folder, args: ["doctor"], env: { PATH: folder } });
  assert.equal(keyless.code, 2);
  assert.match(keyless.stdout, /^fail {2}key /m);
  assert.match(keyless.stdout, /→ OPENAI_API_KEY is not set/);
});

type Broken = {
  what: string;
  id: string;
  state: DoctorEntry["state"];
  server?: FakeOpenAiOptions;
  args?: readonly string[];
  env?: Record<string, string>;
  harm?(folder: string): Promise<void>;
  /** The advice is something that only a person can do. */
  person?: true;
  /** Other entries that fail with it, as they need the same. */
  also?: readonly string[];
};

const gone = { status: 404, body: errorBody("gone", "model_not_found") };
const cases: readonly Broken[] = [
  {
    what: "a setting that cannot be used",
    id: "settings",
    state: "fail",
    person: true,
    harm: (folder) => appendFile(join(folder, ".env"), "OPENAI_TIMEOUT=soon\n"),
  },
  {
    what: "a misspelt setting",
    id: "settings",
    state: "warn",
    person: true,
    harm: (folder) => appendFile(join(folder, ".env"), "SMART_LLM_MODLE=x\n"),
  },
  {
    what: "no key for OpenAI",
    id: "key",
    state: "fail",
    person: true,
    // The endpoint of OpenAI is out of reach of the tests.
    also: ["endpoint"],
    harm: (folder) =>
      writeFile(join(folder, ".env"), "OPENAI_API_BASE_URL=https://api.openai.com:1/v1\nOPENAI_RETRIES=0\n"),
  },
  {
    what: "a key that the server does not accept",
    id: "endpoint",
    state: "fail",
    person: true,
    server: { listFault: { status: 401, body: errorBody("no") } },
  },
  {
    what: "a broken ai_settings.yaml",
    id: "settings",
    state: "fail",
    person: true,
    harm: (folder) => writeFile(join(folder, "ai_settings.yaml"), "ai_goals: 7\n"),
  },
  {
    what: "a retired model",
    id: "models",
    state: "fail",
    harm: (folder) => appendFile(join(folder, ".env"), "SMART_LLM_MODEL=gpt-3.5-turbo\n"),
  },
  {
    what: "a model that the server's list lacks",
    id: "models",
    state: "fail",
    harm: (folder) => appendFile(join(folder, ".env"), "FAST_LLM_MODEL=gpt-7-gone\n"),
  },
  {
    what: "a model that ends soon",
    id: "models",
    state: "warn",
    server: {
      models: [
        ...models,
        { id: "gpt-5", shutdown_date: new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10) },
      ],
    },
    harm: (folder) => appendFile(join(folder, ".env"), "SMART_LLM_MODEL=gpt-5\n"),
  },
  {
    what: "a model that the server does not have",
    id: "chat",
    state: "fail",
    // Its shutdown date has passed.
    also: ["models"],
    args: ["--live"],
    server: { faults: ({ body }) => (body?.model === "gpt-4.1-nano" ? gone : undefined) },
    harm: (folder) => appendFile(join(folder, ".env"), "SMART_LLM_MODEL=gpt-4.1-nano\n"),
  },
  {
    what: "answers in the background, by an API that has none",
    id: "api",
    state: "warn",
    harm: (folder) => appendFile(join(folder, ".env"), "OPENAI_API=chat\nOPENAI_BACKGROUND=True\n"),
  },
  {
    what: "a server without embeddings",
    id: "embeddings",
    state: "warn",
    args: ["--live"],
    server: { embeddingFaults: { 0: { status: 404, body: {} }, 1: { status: 404, body: {} } } },
  },
  {
    what: "a memory that is not there",
    id: "memory",
    state: "fail",
    harm: (folder) => appendFile(join(folder, ".env"), "MEMORY_BACKEND=pinecone\n"),
  },
  {
    what: "a Redis that is not running",
    id: "memory",
    state: "fail",
    harm: (folder) => appendFile(join(folder, ".env"), "MEMORY_BACKEND=redis\nREDIS_URL=redis://127.0.0.1:1\n"),
  },
  {
    what: "a file in the place of the program's folder",
    id: "disk",
    state: "fail",
    also: ["memory"],
    harm: (folder) => writeFile(join(folder, ".autogpt"), "a file\n"),
  },
  {
    what: "a file in the place of the workspace",
    id: "disk",
    state: "fail",
    harm: (folder) => writeFile(join(folder, "workspace"), "a file\n"),
  },
  {
    what: "no search engine but the page that throttles",
    id: "search",
    state: "warn",
    person: true,
    harm: (folder) => appendFile(join(folder, ".env"), "BRAVE_API_KEY=\n"),
  },
  {
    what: "a search engine that lacks its key",
    id: "search",
    state: "fail",
    person: true,
    harm: (folder) => appendFile(join(folder, ".env"), "SEARCH_PROVIDER=tavily\n"),
  },
  {
    what: "a browser that is not there",
    id: "browser",
    state: "warn",
    harm: (folder) => appendFile(join(folder, ".env"), "PUPPETEER_EXECUTABLE_PATH=/nowhere/chromium\n"),
  },
  {
    what: "code that nothing confines",
    id: "sandbox",
    state: "warn",
    harm: (folder) => appendFile(join(folder, ".env"), "SANDBOX=none\n"),
  },
  {
    what: "a goal whose command nothing here can run",
    id: "sandbox",
    state: "fail",
    harm: async (folder) => {
      await appendFile(join(folder, ".env"), "SANDBOX=pyodide\n");
      const settings =
        "ai_name: Tester\nai_role: an AI\nai_goals:\n  - goal: It works\n    checks:\n      - run: exit 0\n";
      await writeFile(join(folder, "ai_settings.yaml"), settings);
    },
  },
  {
    what: "the voice of old that is gone",
    id: "speech",
    state: "warn",
    harm: (folder) => appendFile(join(folder, ".env"), "USE_BRIAN_TTS=True\n"),
  },
];

for (const { what, id, state, server, args = [], harm, person, also = [] } of cases) {
  test(`doctor: ${what} is the entry ${id}, and doing what it advises puts it right`, async (t) => {
    const { folder, doctor } = await healthy(t, server);
    await harm?.(folder);
    const { code, entries, of } = await doctor(args);
    const entry = of(id);
    assert.equal(entry?.state, state, JSON.stringify(entries));
    const failed = entries.filter((one) => one.state === "fail").map((one) => one.id);
    assert.deepEqual(failed.sort(), state === "fail" ? [id, ...also].sort() : []);
    assert.equal(code, failed.length > 0 ? 2 : 0);
    assert.ok(entry?.advice && entry.advice.length > 5);
    if (person) return;
    await carryOut(folder, entry?.fixes);
    const after = await doctor(args);
    assert.equal(after.of(id)?.state, "ok", JSON.stringify(after.of(id)));
  });
}

test("doctor: a server that is down fails the endpoint", async (t) => {
  const { doctor, server } = await healthy(t);
  await server.close();
  const { code, of } = await doctor();
  assert.equal(code, 2);
  assert.match(of("endpoint")?.found ?? "", /ECONNREFUSED/);
});

test("doctor: a folder that may not be written is told with a command that gives the right back", async (t) => {
  if (process.getuid?.() === 0)
    return t.diagnostic("as root every folder can be written: the file in its place stands for it");
  const { folder, doctor } = await healthy(t);
  await mkdir(join(folder, "workspace"));
  await chmod(join(folder, "workspace"), 0o500);
  const { of } = await doctor();
  assert.equal(of("disk")?.state, "fail");
  await carryOut(folder, of("disk")?.fixes);
  assert.equal((await doctor()).of("disk")?.state, "ok");
});

const context = async (t: TestContext, more: Partial<DoctorContext>): Promise<DoctorContext> => {
  const cwd = await temporaryFolder(t);
  const loaded = await loadSettings({ cwd, environment: {} });
  const { signal } = new AbortController();
  const { settings } = loaded;
  const rest = {
    environment: { PATH: cwd },
    platform: "linux",
    nodeVersion: "v22.20.0",
    now: new Date(),
    live: false,
  } as const;
  return { loaded, settings, cwd, signal, ...rest, server: undefined as never, ...more };
};

test("doctor: an old Node fails, and a clock that is wrong is told by the server's date", async (t) => {
  for (const [nodeVersion, state] of [
    ["v18.20.0", "fail"],
    ["v20.18.0", "fail"],
    ["v20.18.1", "ok"],
    ["v24.1.0", "ok"],
  ] as const) {
    assert.equal((await nodeCheck.look(await context(t, { nodeVersion })))?.state, state, nodeVersion);
  }
  const server = (dateHeader: string) =>
    ({ server: { get: () => Promise.resolve({ text: "", dateHeader }) } }) as never;
  const clock = async (minutes: number) =>
    clockCheck.look(await context(t, { server: server(new Date(Date.now() + minutes * 60_000).toUTCString()) }));
  assert.equal((await clock(1))?.state, "ok");
  assert.match((await clock(90))?.found ?? "", /90 minutes behind/);
});

test("doctor: a missing voice is told with the command that installs one", async (t) => {
  const cwd = await temporaryFolder(t);
  const stub = await stubPlayers(cwd, ["apt-get"]);
  const finding = await speechCheck.look(await context(t, { environment: { PATH: stub.path } }));
  assert.equal(finding?.state, "warn");
  assert.deepEqual(finding.fixes, [{ command: "apt-get install -y espeak-ng" }]);
});

test("doctor: a missing voice, player or browser is put right by the command that the advice names", async (t) => {
  for (const [id, more, program] of [
    ["speech", "", "espeak-ng"],
    ["speech", "ELEVENLABS_API_KEY=sk-voice-0001\n", "mpg123"],
    ["browser", "", "chromium"],
  ] as const) {
    const { folder } = await healthy(t);
    const { path } = await stubPlayers(join(folder, "bare"), []);
    const installs = `#!/bin/sh\n[ "$1 $2" = "install -y" ] && printf '#!/bin/sh\\n' > "$(dirname "$0")/$3" && /bin/chmod +x "$(dirname "$0")/$3"\n`;
    await writeFile(join(path, "apt-get"), installs.replaceAll("dirname", "/usr/bin/dirname"), { mode: 0o755 });
    await appendFile(join(folder, ".env"), more);
    const look = async (): Promise<DoctorEntry | undefined> => {
      const { stdout } = await runInProcess({ cwd: folder, args: ["doctor", "--json"], env: { PATH: path } });
      return (JSON.parse(stdout) as DoctorEntry[]).find((entry) => entry.id === id);
    };
    const before = await look();
    assert.equal(before?.state, "warn");
    assert.deepEqual(before.fixes, [{ command: `apt-get install -y ${program}` }]);
    for (const fix of before.fixes) {
      assert.ok("command" in fix);
      execFileSync("/bin/sh", ["-c", fix.command], { env: { PATH: path }, stdio: "ignore" });
    }
    const after = await look();
    assert.equal(after?.state, "ok", JSON.stringify(after));
    assert.match(after.found, new RegExp(program));
  }
});

test("doctor: keys in what a server says are masked, and its control characters are not printed", async (t) => {
  const body = errorBody("\u001b[2Jno sk-doctor-0001 here \u202e");
  const { folder } = await healthy(t, { faults: () => ({ status: 403, body }) });
  const { code, stdout } = await runInProcess({ cwd: folder, args: ["doctor", "--live"] });
  assert.equal(code, 2);
  assert.match(stdout, /^fail {2}chat .*no \*\*\* here"\.$/m);
  assert.doesNotMatch(stdout, /sk-doctor-0001|\u001b|\u202e/);
});

test("doctor --model plays 12 exercises, says which reply mode it chose and how many passed", async (t) => {
  const solve = ({ body }: { body: { messages: { content: string }[] } | undefined }): string => {
    const last = body?.messages.at(-1)?.content ?? "";
    const written = /JSON-encoded here: (".*")$/.exec(last)?.[1];
    if (written !== undefined) return reply("write_to_file", { file: "note.txt", text: JSON.parse(written) as string });
    if (last.includes("notes.md")) return reply("read_file", { file: "notes.md" });
    if (last.includes("search_files")) return reply("search_files", { directory: "." });
    if (last.includes("complete")) return reply("task_complete", { reason: "x" });
    return reply("do_nothing", {}, { text: "because" });
  };
  const good = await healthy(t, { chat: solve as never });
  const passed = await runInProcess({ cwd: good.folder, args: ["doctor", "--model"] });
  assert.equal(passed.code, 0, passed.stdout + passed.stderr);
  assert.match(passed.stdout, /12 of 12 passed\. The form of its replies is enforced by its JSON schema\./);
  assert.equal(good.server.requests.length, 12);

  const bad = await healthy(t, { chat: () => "I would rather talk about the weather." });
  const { code, stdout } = await runInProcess({
    cwd: bad.folder,
    args: ["doctor", "--model", "--json"],
    env: { SMART_LLM_MODEL: "gpt-3.5-turbo" },
  });
  assert.equal(code, 2);
  const { passed: count, of, mode } = JSON.parse(stdout) as { passed: number; of: number; mode: string };
  assert.deepEqual([count, of, mode], [0, 12, "object"]);
});
