import { test } from "node:test";
import { startPostgres } from "../../support/services/postgres-server.js";
import { startRedis } from "../../support/services/redis-server.js";
import { wholeFile } from "../../support/services/services.js";
import { stopsContract } from "./stops.js";

const file = wholeFile();
const redis = await startRedis(file);
const postgres = await startPostgres(file);

if (redis === null) test("a worker on Redis is told to end", { skip: file.problem });
else {
  const urlAt = (port: number): string => `redis://127.0.0.1:${port}`;
  stopsContract("Redis", { port: () => redis.port, urlAt, tags: "", usual: "is silent" });
}
if (postgres === null) test("a worker on PostgreSQL is told to end", { skip: file.problem });
else {
  const urlAt = (port: number): string => `postgres://autogpt@127.0.0.1:${port}/postgres`;
  stopsContract("PostgreSQL", { port: () => postgres.port, urlAt, tags: "gpu", usual: "has gone" });
}
