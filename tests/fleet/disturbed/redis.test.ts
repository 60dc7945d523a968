import { test } from "node:test";
import { long } from "../../support/program.js";
import { startRedis, type RedisServer } from "../../support/services/redis-server.js";
import { wholeFile } from "../../support/services/services.js";
import { disturbedContract } from "./contract.js";

const troublesOf = ({ command }: RedisServer) => ({
  full: (on: boolean) => command("CONFIG", "SET", "maxmemory", on ? "1" : "0"),
  "read-only": (on: boolean) => (on ? command("REPLICAOF", "127.0.0.1", "1") : command("REPLICAOF", "NO", "ONE")),
});

const title = "a disturbed fleet on Redis";
if (long) {
  const file = wholeFile();
  const server = await startRedis(file);
  if (server === null) test(title, { skip: file.problem });
  else disturbedContract(title, { ...server, troubles: troublesOf(server) }, (port) => `redis://127.0.0.1:${port}`);
}
