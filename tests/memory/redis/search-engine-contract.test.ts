import { test } from "node:test";
import { startFakeRedisSearch } from "../../support/services/fake-redis-search.js";
import { startRedis } from "../../support/services/redis-server.js";
import { wholeFile } from "../../support/services/services.js";
import { memoryContract } from "../contract.js";
import { onRedis } from "./redis-memories.js";

const file = wholeFile();
const server = await startRedis(file);
const url = process.env["REDIS_STACK_URL"];

if (server === null) test("redis with the query engine: the contract", { skip: file.problem });
else memoryContract(onRedis("redis with the query engine", await startFakeRedisSearch(file, server.port)));

if (url !== undefined) memoryContract(onRedis("redis at REDIS_STACK_URL", { url }));
else console.log("REDIS_STACK_URL is not set: the contract was not run against a real query engine.");
