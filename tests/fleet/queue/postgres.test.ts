import { test } from "node:test";
import { long } from "../../support/program.js";
import { startPostgres } from "../../support/services/postgres-server.js";
import { wholeFile } from "../../support/services/services.js";
import { begunContract } from "./begun-contract.js";
import { queueContract } from "./contract.js";
import { questionsContract } from "../questions/contract.js";
import { watchContract } from "../watch/contract.js";
import { tagsContract } from "./tags-contract.js";

const file = wholeFile();
const server = await startPostgres(file);

if (server === null) test("a queue on PostgreSQL", { skip: file.problem });
else {
  if (long) watchContract("a fleet on PostgreSQL", () => server.url);
  begunContract("a queue on PostgreSQL", () => server.url);
  tagsContract("a queue on PostgreSQL", () => server.url);
  if (long) questionsContract("a queue on PostgreSQL", () => server.url);
  queueContract("a queue on PostgreSQL", () => server.url, ["gpu", "web"]);
}
