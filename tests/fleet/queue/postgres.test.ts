import { test } from "node:test";
import { long } from "../../support/program.js";
import { startPostgres } from "../../support/services/postgres-server.js";
import { wholeFile } from "../../support/services/services.js";
import { queueContract } from "./contract.js";
import { questionsContract } from "../questions/contract.js";
import { tagsContract } from "./tags-contract.js";

const file = wholeFile();
const server = await startPostgres(file);

if (server === null) test("a queue on PostgreSQL", { skip: file.problem });
else {
  tagsContract("a queue on PostgreSQL", () => server.url);
  if (long) questionsContract("a queue on PostgreSQL", () => server.url);
  queueContract("a queue on PostgreSQL", () => server.url, ["gpu", "web"]);
}
