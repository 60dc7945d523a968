import { test } from "node:test";
import { long } from "../../support/program.js";
import { startRedis } from "../../support/services/redis-server.js";
import { wholeFile } from "../../support/services/services.js";
import { disturbedContract } from "./contract.js";

const title = "a disturbed fleet on Redis";
if (long) {
  const file = wholeFile();
  const server = await startRedis(file);
  if (server === null) test(title, { skip: file.problem });
  else disturbedContract(title, server, (port) => `redis://127.0.0.1:${port}`);
}
