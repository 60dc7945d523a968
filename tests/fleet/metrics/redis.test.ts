import { startRedis } from "../../support/services/redis-server.js";
import { metricsContract } from "./contract.js";

metricsContract("Redis", async (t) => {
  const server = await startRedis(t);
  return server === null ? null : { ...server, url: `redis://127.0.0.1:${server.port}` };
});
