import assert from "node:assert/strict";
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";
import { installedPackage } from "../../examples/packed.js";
import { long, repository, temporaryFolder } from "../../support/program.js";
import {
  repliesShown,
  reply,
  startFakeOpenAi,
  type FakeOpenAi,
  type RecordedRequest,
} from "../../support/services/fake-open-ai.js";
import { needsProgram, needsPrograms, socat } from "../../support/services/services.js";
import { startNetwork, type Network } from "./network.js";

const execute = promisify(execFile);
const password = "spring-tide-7";
const names = ["anna", "ben", "queue", "model"];
const script = [
  reply("write_to_file", { file: "notes.txt", text: "one" }),
  reply("append_to_file", { file: "notes.txt", text: " two" }),
  reply("task_complete", { reason: "Done." }),
];
const settings = `ai_name: Clerk {number}
ai_role: an AI that works on laptops
ai_goals:
  - goal: Write notes
    checks:
      - file_contains: { file: notes.txt, pattern: "^one two$" }
`;

/** Starts a program on a computer, and resolves once it has said this. */
async function start(
  t: TestContext,
  network: Network,
  computer: string,
  words: string[],
  says: RegExp,
  env = process.env,
) {
  const [program, ...args] = [...network.on(computer), ...words] as [string, ...string[]];
  const child: ChildProcess = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => void child.kill("SIGKILL"));
  let said = "";
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => says.test((said += text)) && resolve());
    child.once("exit", () => reject(new Error(said)));
  });
  return { child, said: () => said };
}

/** The model's server is this process's; its computer hands on to it what arrives there. */
async function serveModel(t: TestContext, network: Network, model: FakeOpenAi, folder: string): Promise<void> {
  const socket = join(folder, "model.sock");
  const way = createServer((near) => {
    const far = connect(Number(new URL(model.url).port), "127.0.0.1");
    near.pipe(far).pipe(near);
    for (const one of [near, far]) one.on("error", () => one.destroy());
  });
  way.listen(socket);
  await once(way, "listening");
  t.after(() => way.close());
  await start(
    t,
    network,
    "model",
    ["socat", "-d", "-d", "TCP-LISTEN:80,fork,reuseaddr", `UNIX-CONNECT:${socket}`],
    /listening on/,
  );
}

type Shown = {
  workers: { worker: string }[];
  runs: { run: string; state: string; exitCode?: number; worker?: string }[];
};

if (long)
  test("two laptops and a Redis, as docs/fleet.md says: one that is cut off in the midst of a run does nothing more for it, the other goes on, and both work on", async (t) => {
    if (!(await needsPrograms(t, socat)) || !(await needsProgram(t, "redis-server", "redis-server"))) return;
    const network = await startNetwork(t, names);
    if (network === null) return;
    const folder = await temporaryFolder(t);
    let hangs = true;
    let release: (text: string) => void = () => undefined;
    let arrive: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    t.after(() => release(""));
    const asked: string[] = [];
    const model = await startFakeOpenAi({
      chat({ body }: RecordedRequest) {
        const step = repliesShown({ body });
        const number = /Clerk (\d+)/.exec(body?.messages[0]?.content ?? "")?.[1] ?? "";
        asked.push(`${number}:${step}`);
        if (number !== "1" || step !== 1 || !hangs) return script[step] ?? "nothing is left";
        hangs = false;
        arrive();
        return new Promise((resolve) => (release = resolve));
      },
    });
    t.after(() => model.close());
    await serveModel(t, network, model, folder);
    const data = join(folder, "redis");
    mkdirSync(data);
    await start(
      t,
      network,
      "queue",
      [
        "redis-server",
        "--bind",
        "0.0.0.0",
        "--requirepass",
        password,
        "--appendonly",
        "yes",
        "--maxmemory-policy",
        "noeviction",
        "--dir",
        data,
      ],
      /Ready to accept connections/,
    );
    const installed = await installedPackage(t);
    const laptop = (name: string) => {
      const home = join(folder, name);
      mkdirSync(join(home, ".local", "share", "autogpt", "packages"), { recursive: true });
      // What autogpt add fleet installs.
      symlinkSync(
        join(repository, "node_modules"),
        join(home, ".local", "share", "autogpt", "packages", "node_modules"),
      );
      writeFileSync(join(home, "ai.yaml"), settings);
      writeFileSync(join(home, "table.csv"), "number\n1\n2\n3\n4\n");
      const env = {
        ...{ PATH: process.env["PATH"], HOME: home, MEMORY_BACKEND: "no_memory" },
        ...{ OPENAI_API_KEY: "sk-laptops", OPENAI_API_BASE_URL: `http://${network.addressOf("model")}/v1` },
        QUEUE_URL: `redis://:${password}@${network.addressOf("queue")}:6379`,
      };
      const words = (...args: string[]): string[] => [
        process.execPath,
        join(installed, "node_modules", "autogpt", "bin", "autogpt.js"),
        ...args,
      ];
      const type = async (...args: string[]): Promise<string> => {
        const [program, ...rest] = [...network.on(name), ...words(...args)] as [string, ...string[]];
        return (await execute(program, rest, { cwd: home, env })).stdout.trim();
      };
      const look = async (): Promise<Shown> => JSON.parse(await type("fleet", "--json")) as Shown;
      const work = () =>
        start(
          t,
          network,
          name,
          ["env", "-C", home, ...words("work", "--concurrency", "2")],
          /takes runs from/,
          env as NodeJS.ProcessEnv,
        );
      return { name, type, look, work };
    };
    const [anna, ben] = [laptop("anna"), laptop("ben")];
    const runs = (await anna.type("submit", "-c", "--max-cost", "1", "ai.yaml", "--table", "table.csv")).split("\n");
    assert.equal(runs.length, 4);
    const atAnna = await anna.work();
    await arrived;
    const atBen = await ben.work();
    // The run hangs at Anna's; the others end somewhere.
    const over = async (who: typeof ben, which: readonly string[]): Promise<void> => {
      for (;;) {
        const shown = await who.look();
        const states = which.map((run) => shown.runs.find((one) => one.run === run));
        if (states.every((one) => one?.state === "ended")) return assert.ok(states.every((one) => one?.exitCode === 0));
      }
    };
    await over(ben, runs.slice(1));
    network.cable("anna", false);
    await over(ben, runs);
    release(script[1] as string);
    assert.deepEqual(
      asked.filter((one) => one.startsWith("1:")),
      ["1:0", "1:1", "1:1", "1:2"],
    );
    network.cable("anna", true);
    await ben.type("fleet", "pause");
    atBen.child.kill("SIGINT");
    const [ended] = (await once(atBen.child, "exit")) as [number];
    assert.equal(ended, 0, atBen.said());
    const later = await anna.type("submit", "-c", "--max-cost", "1", "ai.yaml", "--table", "table.csv");
    await anna.type("fleet", "resume");
    await over(anna, later.split("\n"));
    atAnna.child.kill("SIGINT");
    const [code] = (await once(atAnna.child, "exit")) as [number];
    assert.equal(code, 0, atAnna.said());
    assert.match(atAnna.said(), /could not be held on to/);
  });
