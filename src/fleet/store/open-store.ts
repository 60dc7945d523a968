import { SettingsError } from "../../errors.js";
import type { RunStore } from "./run-store.js";

/** Whether the address of a queue is that of a PostgreSQL server. */
export const isPostgres = (address: string): boolean => /^postgres(ql)?:/i.test(address);

/** Opens the store at the address of the queue. Throws SettingsError where none is given, or it cannot be used. */
export async function openStore(address: string | undefined): Promise<RunStore> {
  if (address === undefined)
    throw new SettingsError(
      "There is no queue: set QUEUE_URL to the address of a Redis or PostgreSQL server, such as redis://localhost:6379 or postgres://user:password@localhost/database.",
    );
  return isPostgres(address)
    ? (await import("./postgres/store.js")).openPostgresStore(address)
    : (await import("./redis/store.js")).openRedisStore(address);
}
