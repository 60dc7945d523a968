import { spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, readdirSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { temporaryFolder } from "../program.js";
import { freePort } from "./redis-server.js";
import { needsProgram, serverProcess, type Surroundings } from "./services.js";

export type PostgresServer = {
  /** Of a database that holds nothing yet. */
  url: string;
  port: number;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again with what it had on disk. */
  start(): Promise<void>;
};

/** Debian keeps the server's programs out of the search path. */
const debianFolder = "/usr/lib/postgresql";

/** The folder of the server's programs; null, and the test skipped, where there are none. */
async function findPrograms(t: Surroundings): Promise<string | null> {
  const newest = (): string | undefined =>
    existsSync(debianFolder)
      ? readdirSync(debianFolder)
          .map((version) => join(debianFolder, version, "bin"))
          .filter((folder) => existsSync(join(folder, "initdb")))
          .at(-1)
      : undefined;
  const found = newest();
  if (found !== undefined) return found;
  if (!(await needsProgram(t, "pg_ctlcluster", "postgresql"))) return null;
  return newest() ?? null;
}

/** It refuses to run as root: then it runs as the user that its package brings. */
const asItsUser = process.getuid?.() === 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];

/** A server of the distribution's package on a port of its own; null, and the test skipped, where there is none. */
export async function startPostgres(t: Surroundings, more: readonly string[] = []): Promise<PostgresServer | null> {
  const programs = await findPrograms(t);
  if (programs === null) return null;
  // What is to be done after the test is done in this order: its folder is removed when it has ended.
  let end = (): Promise<void> => Promise.resolve();
  t.after(() => end());
  // The folder for all tests is closed to the server's user.
  const folder = await temporaryFolder(t, existsSync("/dev/shm") ? "/dev/shm" : "/tmp");
  if (asItsUser.length > 0) {
    const [user, group] = ["-u", "-g"].map((flag) => Number(spawnSync("id", [flag, "postgres"]).stdout));
    chownSync(folder, Number(user), Number(group));
  }
  const data = join(folder, "data");
  const command = (name: string, args: readonly string[]): [string, string[]] => {
    const [program, ...rest] = [...asItsUser, join(programs, name), ...args];
    return [program as string, rest];
  };
  // The owner of the database has the name that the program connects with.
  const made = spawnSync(
    ...command("initdb", ["-D", data, "-A", "trust", "-U", "autogpt", "-E", "UTF8", "--no-locale", "-N"]),
    { encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(`initdb as ${userInfo().username}: ${made.stderr}`);
  const port = await freePort();
  const { kill, start } = serverProcess(
    () => {
      const args = ["-D", data, "-p", String(port), "-k", folder, "-c", "listen_addresses=127.0.0.1", ...more];
      return spawn(...command("postgres", args), { stdio: ["ignore", "ignore", "pipe"] });
    },
    { says: "stderr", ready: "ready to accept connections", by: "SIGQUIT" },
  );
  end = kill;
  await start();
  return { url: `postgres://autogpt@127.0.0.1:${port}/postgres`, port, kill, start };
}
