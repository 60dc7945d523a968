import { test } from "node:test";
import { startRedis } from "../../support/services/redis-server.js";
import { wholeFile } from "../../support/services/services.js";
import { memoryContract } from "../contract.js";
import { atService } from "../service-memories.js";
import { redisAt } from "./service.js";

const file = wholeFile();
const server = await startRedis(file);

if (server === null) test("redis without the query engine: the contract", { skip: file.problem });
else memoryContract(atService(redisAt(server), { name: "redis without the query engine", joinsWords: true }));
