import { test } from "node:test";
import { long } from "../../support/program.js";
import { startPostgres } from "../../support/services/postgres-server.js";
import { wholeFile } from "../../support/services/services.js";
import { disturbedContract } from "./contract.js";

const title = "a disturbed fleet on PostgreSQL";
if (long) {
  const file = wholeFile();
  const server = await startPostgres(file);
  if (server === null) test(title, { skip: file.problem });
  else disturbedContract(title, server, (port) => `postgres://autogpt@127.0.0.1:${port}/postgres`);
}
