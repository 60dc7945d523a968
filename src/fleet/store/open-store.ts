import { SettingsError } from "../../errors.js";
import type { RunStore } from "./run-store.js";

/** Whether the address of a queue is that of a PostgreSQL server. */
export const isPostgres = (address: string): boolean => /^postgres(ql)?:/i.test(address);

/** The address of the queue. Throws SettingsError where none is given. */
export function requireAddress(address: string | undefined): string {
  if (address !== undefined) return address;
  throw new SettingsError(
    "There is no queue: set QUEUE_URL to the address of a Redis or PostgreSQL server, such as redis://localhost:6379 or postgres://user:password@localhost/database.",
  );
}

/** Opens the store at the address of the queue. Throws SettingsError where it cannot be used. */
export const openStore = async (address: string): Promise<RunStore> =>
  isPostgres(address)
    ? (await import("./postgres/store.js")).openPostgresStore(address)
    : (await import("./redis/store.js")).openRedisStore(address);
