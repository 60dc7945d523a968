import { execFile } from "node:child_process";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";
import { long, temporaryFolder } from "../../support/program.js";
import { startPostgres } from "../../support/services/postgres-server.js";
import { wholeFile } from "../../support/services/services.js";
import { restoreContract } from "./restore.js";

const execute = promisify(execFile);

/** As docs/fleet.md says it. */
const byDump =
  (url: string) =>
  async (t: TestContext): Promise<() => Promise<string>> => {
    const backup = join(await temporaryFolder(t), "fleet.dump");
    await execute("pg_dump", ["-Fc", "-n", "autogpt_fleet", "-n", "autogpt_queue", "-f", backup, url]);
    return async () => {
      const other = await startPostgres(t);
      if (other === null) throw new Error("There was a server a moment ago.");
      await execute("pg_restore", ["-d", other.url, backup]);
      return other.url;
    };
  };

if (long) {
  const file = wholeFile();
  const server = await startPostgres(file);
  if (server === null) test("a backup of PostgreSQL", { skip: file.problem });
  else restoreContract("PostgreSQL, pg_dump", server.url, byDump(server.url));
}
