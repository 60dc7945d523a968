import { test } from "node:test";
import { startRedis } from "../../support/services/redis-server.js";
import { wholeFile } from "../../support/services/services.js";
import { begunContract } from "./begun-contract.js";
import { queueContract } from "./contract.js";
import { questionsContract, serverQuestionsContract } from "../questions/contract.js";
import { watchContract } from "../watch/contract.js";
import { tagsContract } from "./tags-contract.js";

const file = wholeFile();
const server = await startRedis(file);

if (server === null) test("a queue on Redis", { skip: file.problem });
else {
  const url = `redis://127.0.0.1:${server.port}`;
  watchContract("a fleet on Redis", () => `${url}/5`);
  begunContract("a queue on Redis", () => url);
  tagsContract("a queue on Redis", () => url);
  serverQuestionsContract("a queue on Redis", () => url);
  questionsContract("a queue on Redis", () => url);
  queueContract("a queue on Redis", () => url, []);
}
