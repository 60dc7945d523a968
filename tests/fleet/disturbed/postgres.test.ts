import { test } from "node:test";
import pg from "pg";
import { long } from "../../support/program.js";
import { startPostgres, type PostgresServer } from "../../support/services/postgres-server.js";
import { wholeFile } from "../../support/services/services.js";
import { disturbedContract } from "./contract.js";

async function ask(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

const troublesOf = ({ url }: PostgresServer) => ({
  "read-only": (on: boolean) =>
    ask(
      url,
      "SET default_transaction_read_only = off",
      `ALTER SYSTEM SET default_transaction_read_only = ${on ? "on" : "off"}`,
      "SELECT pg_reload_conf()",
    ),
});

const title = "a disturbed fleet on PostgreSQL";
if (long) {
  const file = wholeFile();
  const server = await startPostgres(file);
  if (server === null) test(title, { skip: file.problem });
  else
    disturbedContract(
      title,
      { ...server, troubles: troublesOf(server) },
      (port) => `postgres://autogpt@127.0.0.1:${port}/postgres`,
    );
}
