import { after, test } from "node:test";
import { startRedis } from "../support/redis-server.js";
import { memoryContract } from "./contract.js";
import { onRedis } from "./redis-memories.js";

let problem = "";
const server = await startRedis({ after, skip: (message) => void (problem = message ?? "") });

if (server === null) test("redis without the query engine: the contract", { skip: problem });
else memoryContract(onRedis("redis without the query engine", server));
