import type pg from "pg";
import type { PoolClient, QueryResult } from "pg";
import { loadPackage } from "../../../base/packages/added.js";
import { howToAdd } from "../../../base/packages/parts.js";
import { codeOf } from "../../../base/system-error.js";
import { within } from "../../../base/waiting/within.js";
import { messageOf, SettingsError } from "../../../errors.js";
import { StoreDownError } from "../run-store.js";
import { layouts, schema } from "./layout.js";
import { createSockets } from "./sockets.js";

export type Row = Record<string, unknown>;
export type Ask = (text: string, values?: readonly unknown[]) => Promise<QueryResult<Row>>;

/** Connections to a PostgreSQL server. All throw StoreDownError where the server is away. */
export type Database = {
  place: string;
  /** What the server is, and in which version. */
  server: string;
  ask: Ask;
  /** Does all of it, or nothing, where `work` throws or the server goes away. */
  inOneAct<Result>(work: (ask: Ask) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
};

const connectMs = 5_000;
/** How long a server may take to end its connections before that is done here. */
const closeMs = 500;
/** PostgreSQL that BullMQ takes. */
const leastVersion = 130_000;
/** Held while tables are made, so that of several starts one makes them. */
const lockOfLayout = 4_207_849_484;

/** Connects, and makes the tables where they are missing. Throws SettingsError where the server cannot be used. */
export async function connectDatabase(address: string, answerMs = 10_000): Promise<Database> {
  const { Pool } = await loadPg();
  const sockets = createSockets();
  const pool = new Pool({
    stream: sockets.stream,
    connectionString: address,
    max: 4,
    connectionTimeoutMillis: connectMs,
    query_timeout: answerMs,
    keepAlive: true,
    application_name: "autogpt",
  });
  // A connection that breaks while nobody uses it is replaced when the next one is needed.
  pool.on("error", () => undefined);
  // One that breaks while an act has it, between two queries, fails the next query: nobody else hears of it.
  pool.on("connect", (client) => void client.on("error", () => undefined));
  const { hostname, port } = new URL(address);
  const place = `${hostname || "localhost"}:${port || "5432"}`;
  const ask: Ask = (text, values = []) => pool.query<Row>(text, [...values]).catch(rejectAs(place));
  const inOneAct: Database["inOneAct"] = async (work) => {
    const client = await pool.connect().catch(rejectAs(place));
    let broken: Error | undefined;
    try {
      await query(client, place, "BEGIN");
      const result = await work((text, values = []) => query(client, place, text, values));
      await query(client, place, "COMMIT");
      return result;
    } catch (thrown) {
      await client.query("ROLLBACK").catch((failed: unknown) => (broken = failed as Error));
      throw thrown;
    } finally {
      client.release(broken);
    }
  };
  const close = async (): Promise<void> => {
    await within(pool.end(), closeMs).catch(() => undefined);
    sockets.end();
  };
  let server: string;
  try {
    server = await prepare(place, ask, inOneAct);
  } catch (thrown) {
    await close();
    if (thrown instanceof SettingsError && !(thrown instanceof StoreDownError)) throw thrown;
    throw new SettingsError(`${messageOf(thrown)} Start it, or name another one in QUEUE_URL.`, { cause: thrown });
  }
  return { place, server, ask, inOneAct, close };
}

const query = (client: PoolClient, place: string, text: string, values: readonly unknown[] = []) =>
  client.query<Row>(text, [...values]).catch(rejectAs(place));

/** Throws SettingsError where the package is missing. */
export async function loadPg(): Promise<typeof pg> {
  try {
    return (await loadPackage("pg", () => import("pg"))).default;
  } catch (cause) {
    throw new SettingsError(
      `QUEUE_URL names a PostgreSQL server, and the package pg is missing. ${howToAdd("fleet")}`,
      {
        cause,
      },
    );
  }
}

/** Makes the tables, and returns what the server is. */
async function prepare(place: string, ask: Ask, inOneAct: Database["inOneAct"]): Promise<string> {
  const { rows } = await ask("SELECT current_setting('server_version_num')::int AS version");
  const version = Number(rows[0]?.["version"]);
  if (version < leastVersion)
    throw new SettingsError(
      `PostgreSQL at ${place} is ${Math.floor(version / 10_000)}, and a queue needs 13 or later. Update it, or name another one in QUEUE_URL.`,
    );
  const server = `PostgreSQL ${Math.floor(version / 10_000)}.${version % 10_000}`;
  if ((await layoutThere(place, ask)) === layouts.length) return server;
  await inOneAct(async (askOne) => {
    await askOne("SELECT pg_advisory_xact_lock($1)", [lockOfLayout]);
    const version = await layoutThere(place, askOne);
    for (const statement of layouts.slice(version).flat()) await askOne(statement);
    await askOne(`UPDATE ${schema}.layout SET version = $1`, [layouts.length]);
  });
  return server;
}

/** Which version of the tables is there, 0 where there are none. Throws SettingsError for a later one, which is not written to. */
async function layoutThere(place: string, ask: Ask): Promise<number> {
  const there = await ask("SELECT to_regclass($1) IS NOT NULL AS made", [`${schema}.layout`]);
  if (there.rows[0]?.["made"] !== true) return 0;
  const { rows } = await ask(`SELECT version FROM ${schema}.layout`);
  const version = Number(rows[0]?.["version"]);
  if (version <= layouts.length) return version;
  throw new SettingsError(
    `The tables in PostgreSQL at ${place} were made by a later version of the program: use that one, or another database.`,
  );
}

/** Errors of a server that is away, starts, stops, or is full: classes of SQLSTATE, and single ones. */
const passing = /^(08|53|57P|25006|40001|40P01)/;

function rejectAs(place: string): (thrown: unknown) => never {
  return (thrown) => {
    const code = codeOf(thrown) ?? "";
    const message = messageOf(thrown);
    if (/^[0-9A-Z]{5}$/.test(code) && !passing.test(code))
      throw new SettingsError(
        `PostgreSQL at ${place} refuses what the fleet needs: ${message} (${code}). Mend what it speaks of, or name another one in QUEUE_URL.`,
        { cause: thrown },
      );
    throw new StoreDownError(`PostgreSQL at ${place} does not answer (${message || code}).`, { cause: thrown });
  };
}
