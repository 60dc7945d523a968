import { execFile } from "node:child_process";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";
import { long, temporaryFolder } from "../../support/program.js";
import { startRedis, type RedisServer } from "../../support/services/redis-server.js";
import { wholeFile } from "../../support/services/services.js";
import { restoreContract } from "./restore.js";

const execute = promisify(execFile);

/** Starts a server from a folder; without its log it takes what lies in dump.rdb. */
async function startFrom(t: TestContext, folder: string, appendOnly: "yes" | "no"): Promise<string> {
  const server = await startRedis(t, ["--dir", folder, "--appendonly", appendOnly]);
  if (server === null) throw new Error("There was a server a moment ago.");
  if (appendOnly === "no") await server.command("CONFIG", "SET", "appendonly", "yes");
  return `redis://127.0.0.1:${server.port}`;
}

/** As docs/fleet.md says it: a copy of the data in one file, by the server's own program. */
const byDump =
  ({ port }: RedisServer) =>
  async (t: TestContext): Promise<() => Promise<string>> => {
    const folder = await temporaryFolder(t);
    await execute("redis-cli", ["-p", String(port), "--rdb", join(folder, "dump.rdb")]);
    return () => startFrom(t, folder, "no");
  };

/** A copy of the log's folder, while the server is at work and does not write that anew. */
const byLog =
  ({ command }: RedisServer) =>
  async (t: TestContext): Promise<() => Promise<string>> => {
    const folder = await temporaryFolder(t);
    const [, place] = (await command("CONFIG", "GET", "dir")) as [string, string];
    await command("CONFIG", "SET", "auto-aof-rewrite-percentage", 0);
    await cp(join(place, "appendonlydir"), join(folder, "appendonlydir"), { recursive: true });
    await command("CONFIG", "SET", "auto-aof-rewrite-percentage", 100);
    return () => startFrom(t, folder, "yes");
  };

if (long) {
  const file = wholeFile();
  const [dumped, logged] = [await startRedis(file), await startRedis(file)];
  if (dumped === null || logged === null) test("a backup of Redis", { skip: file.problem });
  else {
    restoreContract("Redis, dump.rdb", `redis://127.0.0.1:${dumped.port}`, byDump(dumped));
    restoreContract("Redis, appendonlydir", `redis://127.0.0.1:${logged.port}`, byLog(logged));
  }
}
