import { test } from "node:test";
import { startFakeRedisSearch } from "../../support/services/fake-redis-search.js";
import { startRedis } from "../../support/services/redis-server.js";
import { wholeFile } from "../../support/services/services.js";
import { memoryContract } from "../contract.js";
import { atService } from "../service-memories.js";
import { redisAt } from "./service.js";

const file = wholeFile();
const server = await startRedis(file);
const url = process.env["REDIS_STACK_URL"];

if (server === null) test("redis with the query engine: the contract", { skip: file.problem });
else
  memoryContract(
    atService(redisAt(await startFakeRedisSearch(file, server.port)), {
      name: "redis with the query engine",
      joinsWords: true,
    }),
  );

if (url !== undefined)
  memoryContract(atService(redisAt({ url }), { name: "redis at REDIS_STACK_URL", joinsWords: true }));
else console.log("REDIS_STACK_URL is not set: the contract was not run against a real query engine.");
