import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { runInProcess } from "../../support/in-process.js";
import { long, startProgram, temporaryFolder } from "../../support/program.js";
import { startFakeOpenAi } from "../../support/services/fake-open-ai.js";
import { startGatedProxy, type GatedProxy } from "../disturbed/gated-proxy.js";

/** What may become of the way to the server. */
const ways = {
  "is silent": (proxy: GatedProxy) => proxy.hold(),
  "has gone": (proxy: GatedProxy) => proxy.cut(),
};

export type StopsOptions = {
  port: () => number;
  urlAt: (port: number) => string;
  tags: string;
  /** The one that is tried each time; the others are for the long tests. */
  usual: keyof typeof ways;
};

/** What holds for a worker of every queue that is told to end while the queue's server is not there: otherwise it never ends. */
export function stopsContract(name: string, { port, urlAt, tags, usual }: StopsOptions): void {
  for (const [way, go] of Object.entries(ways).filter(([way]) => long || way === usual))
    test(`${name}: a worker that is told to end while its server ${way} ends its run and itself`, async (t) => {
      const model = await startFakeOpenAi({ chat: () => new Promise(() => undefined) });
      t.after(() => model.close());
      const folder = await temporaryFolder(t);
      await writeFile(join(folder, "ai_settings.yaml"), "ai_name: A\nai_role: an AI\nai_goals: [Write]\n");
      const proxy = await startGatedProxy(port());
      t.after(() => proxy.close());
      const env = { OPENAI_API_BASE_URL: model.url, OPENAI_API_KEY: "sk-stops", MEMORY_BACKEND: "no_memory" };
      const type = (...args: string[]) =>
        runInProcess({ cwd: folder, args, env: { ...env, QUEUE_URL: urlAt(port()) } });
      const submitted = await type("submit", "-c", "--max-tokens", "1m", ...(tags === "" ? [] : ["--tags", tags]));
      assert.equal(submitted.code, 0, submitted.stderr);
      const run = submitted.stdout.trim();
      const args = ["work", "--metrics-port", "0", ...(tags === "" ? [] : ["--tags", tags])];
      const { child, ended } = startProgram({ cwd: folder, args, env: { ...env, QUEUE_URL: urlAt(proxy.port) } });
      t.after(() => void child.kill("SIGKILL"));
      await model.arrived(1);
      go(proxy);
      child.kill("SIGTERM");
      const { code, stderr } = await ended;
      assert.equal(code, 0, stderr);
      assert.match(stderr, new RegExp(`The run ${run} could not be held on to: a worker goes on with it`));
      assert.match(
        stderr,
        /^\S+Z 127\.0\.0\.1:\d+ could not be told that the worker has ended: others go on with its runs/m,
      );
      const { runs } = JSON.parse((await type("fleet", "--json")).stdout) as { runs: { run: string; state: string }[] };
      assert.equal(runs.find((one) => one.run === run)?.state, "running", "nobody knows better before it is missed");
      await type("fleet", "cancel", run);
    });
}
