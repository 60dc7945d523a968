import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { parse } from "yaml";
import * as z from "zod";
import { bin, long, repository, startProgram, temporaryFolder } from "../../support/program.js";
import { freePort } from "../../support/services/redis-server.js";
import { needsProgram } from "../../support/services/services.js";

const execute = promisify(execFile);
const service = z.object({
  command: z.array(z.string()),
  environment: z.record(z.string(), z.string()),
  healthcheck: z.object({ test: z.tuple([z.literal("CMD")], z.string()) }),
});
const shape = z.object({ services: z.object({ queue: service, worker: service }) });

if (long)
  test("what docs/docker/compose.yaml starts works together: the queue with its password, a worker, and what looks whether they are well", async (t) => {
    if (!(await needsProgram(t, "redis-server", "redis-server"))) return;
    const [folder, port, metrics] = [await temporaryFolder(t), await freePort(), await freePort()];
    const text = (await readFile(join(repository, "docs", "docker", "compose.yaml"), "utf8"))
      .replace(/\$\{QUEUE_PASSWORD[^}]*\}/g, "spring-tide-7")
      .replace("@queue:6379", `@127.0.0.1:${port}`)
      .replaceAll("9464", String(metrics));
    const { queue, worker } = shape.parse(parse(text)).services;
    const check = async ({ environment, healthcheck }: z.infer<typeof service>, ...more: string[]): Promise<string> => {
      const [, program, ...args] = healthcheck.test;
      const env = { PATH: process.env["PATH"], ...environment };
      return (await execute(program as string, [...more, ...args], { env })).stdout.trim();
    };
    const [program, ...args] = queue.command as [string, ...string[]];
    const server = spawn(program, [...args, "--port", String(port), "--dir", folder], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    t.after(() => void server.kill("SIGKILL"));
    let said = "";
    for await (const words of server.stdout.setEncoding("utf8")) if ((said += words).includes("Ready to accept")) break;
    assert.equal(await check(queue, "-p", String(port)), "PONG");
    await assert.rejects(check(worker), { code: 1 });
    const env = { ...worker.environment, OPENAI_API_KEY: "sk-compose" };
    const { child, says, ended } = startProgram({ cwd: folder, args: worker.command, env, program: bin });
    t.after(() => void child.kill("SIGKILL"));
    await says("Its metrics are at");
    await check(worker);
    const shown = await execute(process.execPath, [bin, "fleet"], { cwd: folder, env: { HOME: folder, ...env } });
    assert.match(shown.stdout, /1 worker, 0 at work/);
    child.kill("SIGTERM");
    assert.equal((await ended).code, 0);
    server.kill("SIGTERM");
    await once(server, "exit");
  });
