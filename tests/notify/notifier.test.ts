import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { SetTimer } from "../../src/base/abort.js";
import type { JournalEvent } from "../../src/history/events.js";
import { createNotifier, type Notifier } from "../../src/notify/notifier.js";
import { signedHeaders } from "../../src/notify/sign.js";
import { handTo, postTo, type Way } from "../../src/notify/ways.js";
import { desktopEnvironment } from "../../src/settings/environment/bare-environment.js";
import { scriptedWorld } from "../end-to-end/support/scripted-world.js";
import { reply } from "../support/services/fake-open-ai.js";
import { temporaryFolder } from "../support/program.js";

type Received = { headers: IncomingHttpHeaders; body: string };
type Told = { type: string; data: Record<string, unknown> };

/** An address that answers with these statuses, in order, and with the last one from then on. */
async function receiver(t: TestContext, statuses: readonly number[]): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const status = statuses[Math.min(received.length, statuses.length - 1)] ?? 200;
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString("utf8") });
      response.writeHead(status, status === 302 ? { location: "/elsewhere" } : {}).end("thanks");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received };
}

const told = ({ body }: Received): Told => JSON.parse(body) as Told;

/** Waits between tries pass at once, and are kept; time limits are never reached, unless `late`. */
function quickTimer(late = false): { timer: SetTimer; waits: number[] } {
  const waits: number[] = [];
  return {
    waits,
    timer(call, milliseconds) {
      const isLimit = milliseconds >= 10_000 || (milliseconds === 2_000 && late);
      if (!isLimit) waits.push(milliseconds);
      if (isLimit && !late) return () => undefined;
      const immediate = setImmediate(call);
      return () => clearImmediate(immediate);
    },
  };
}

const event = (fields: object): JournalEvent =>
  ({ seq: 1, time: "2026-11-28T12:00:00.000Z", ...fields }) as JournalEvent;
const near = event({ type: "limit-near", step: 4, limit: "cost", used: 0.8, of: 1 });
const about = { run: "run-1", aiName: "Tester", workspace: "/ws" };

const notifierWith = (ways: readonly Way[], timer: SetTimer): Notifier & { warnings: string[] } => {
  const warnings: string[] = [];
  return { warnings, ...createNotifier({ about, ways, timer, warn: (text) => void warnings.push(text) }) };
};

test("a notification is signed, and tried again with the same id until the receiver has it", async (t) => {
  const { url, received } = await receiver(t, [503, 429, 200]);
  const { timer, waits } = quickTimer();
  const secret = `whsec_${Buffer.from("made-up-secret").toString("base64")}`;
  const notifier = notifierWith([postTo({ url, secret, proxies: {} })], timer);
  await notifier.listener(near);
  await notifier.close(false);
  assert.deepEqual([received.length, waits, notifier.warnings], [3, [1_000, 2_000], []]);
  assert.equal(new Set(received.map(({ headers }) => headers["webhook-id"])).size, 1);
  for (const { headers, body } of received) {
    const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
    const expected = createHmac("sha256", "made-up-secret").update(signed).digest("base64");
    assert.equal(headers["webhook-signature"], `v1,${expected}`);
    assert.deepEqual(told({ headers, body }), {
      type: "run.limit",
      timestamp: "2026-11-28T12:00:00.000Z",
      data: { ...about, step: 4, limit: "cost", used: 0.8, of: 1 },
    });
  }
});

test("the signature is the one that the standard's own example has", () => {
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const headers = signedHeaders(
    "msg_p5jXN8AQM9LWM0D4loKWxJek",
    '{"test": 2432232314}',
    secret,
    new Date(1614265330_000),
  );
  assert.equal(headers["webhook-signature"], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});

test("a redirect and a refusal are not tried again; the first failure is one warning without the address", async (t) => {
  for (const [status, said] of [
    [302, /status 302, and no redirect is followed/],
    [400, /status 400/],
  ] as const) {
    const { url, received } = await receiver(t, [status]);
    const { timer, waits } = quickTimer();
    const notifier = notifierWith([postTo({ url, secret: undefined, proxies: {} })], timer);
    await notifier.listener(near);
    await notifier.listener(near);
    await notifier.listener(event({ type: "step-remembered", step: 1 }));
    await notifier.close(false);
    assert.deepEqual([received.length, waits, notifier.warnings.length], [2, [], 1]);
    assert.match(notifier.warnings[0] ?? "", said);
    assert.ok(!notifier.warnings[0]?.includes(url));
    assert.equal(received[0]?.headers["webhook-signature"], undefined);
  }
});

test("a command reads it from standard input and sees no key; one that fails is tried again, one that hangs is ended", async (t) => {
  const folder = await temporaryFolder(t);
  const environment = desktopEnvironment({ PATH: process.env["PATH"], OPENAI_API_KEY: "made-up-key-0123456789" });
  const way = (command: string): Way => handTo({ command, cwd: folder, environment });
  const quick = quickTimer();
  const command = "env > env.txt; cat >> told.txt; test -e twice.txt && exit 0; touch twice.txt; exit 3";
  const notifier = notifierWith([way(command)], quick.timer);
  await notifier.listener(near);
  await notifier.close(false);
  assert.deepEqual([quick.waits, notifier.warnings], [[1_000], []]);
  const twice = await readFile(join(folder, "told.txt"), "utf8");
  assert.equal(twice.split('"type":"run.limit"').length, 3);
  assert.doesNotMatch(await readFile(join(folder, "env.txt"), "utf8"), /made-up-key/);

  const hanging = notifierWith([way("sleep 1000")], quickTimer(true).timer);
  await hanging.listener(near);
  await hanging.close(true);
  assert.match(
    hanging.warnings[0] ?? "",
    /NOTIFY_COMMAND did not take a notification \(run\.limit\): it took too long/,
  );
});

test("a parked run tells its question and its end; a receiver that refuses changes nothing", async (t) => {
  const { url, received } = await receiver(t, [200]);
  const chat = [reply("write_to_file", { file: "a.md", text: "x".repeat(1_000) })];
  const world = await scriptedWorld(t, chat, { env: { NOTIFY_URL: url } });
  assert.equal((await world.run(["--on-approval", "park"])).code, 75);
  const [question, end] = ["run.question", "run.end"].map((type) =>
    received.map(told).find((one) => one.type === type),
  );
  const { run, parked, step, effect, command, approve } = question?.data ?? {};
  assert.deepEqual([parked, step, effect, approve], [true, 1, "writes", `autogpt approve ${String(run)}`]);
  const { args } = command as { args: Record<string, string> };
  assert.deepEqual([args["file"], args["text"]?.length], ["a.md", 301]);
  const { reason, exitCode, resume } = end?.data ?? {};
  assert.deepEqual([reason, exitCode, resume], ["parked", 75, `autogpt --resume ${String(run)}`]);

  const refusing = await receiver(t, [410]);
  const other = await scriptedWorld(t, [reply("task_complete")], { env: { NOTIFY_URL: refusing.url } });
  const { code, stderr } = await other.run(["-c"]);
  assert.equal(code, 0);
  assert.match(stderr, /WARNING: NOTIFY_URL did not take a notification \(run\.end\): it answers with status 410/);
});

test("a command is not taken from a project's .env, and an address there is named at the start", async (t) => {
  const world = await scriptedWorld(t, [reply("task_complete")]);
  await writeFile(join(world.folder, ".env"), "NOTIFY_COMMAND=touch stolen\n");
  const refused = await world.run(["-c"]);
  assert.equal(refused.code, 2);
  assert.match(
    refused.stderr,
    /NOTIFY_COMMAND in .*\.env, line 1, is a command, and no command of a project's own \.env is run/,
  );
  const { url } = await receiver(t, [200]);
  await writeFile(join(world.folder, ".env"), `NOTIFY_URL=${url}\n`);
  const { stderr, code } = await world.run(["-c"]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /is told to 127\.0\.0\.1:\d+: NOTIFY_URL in the \.env of this project says so/);
});
