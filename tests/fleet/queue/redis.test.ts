import { test } from "node:test";
import { startRedis } from "../../support/services/redis-server.js";
import { wholeFile } from "../../support/services/services.js";
import { queueContract } from "./contract.js";

const file = wholeFile();
const server = await startRedis(file);

if (server === null) test("a queue on Redis", { skip: file.problem });
else queueContract("a queue on Redis", () => `redis://127.0.0.1:${server.port}`);
