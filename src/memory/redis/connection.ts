import type { Redis } from "ioredis";
import { messageOf, SettingsError } from "../../errors.js";
import { StoreDownError, StoreFullError } from "../record-store.js";

export type RedisAddress = {
  /** Wins over the other fields: `redis://[[user]:password@]host[:port][/database]`, or `rediss://` for TLS. */
  url?: string | undefined;
  host: string;
  port: number;
  password?: string | undefined;
  tls: boolean;
};

export type RedisReply = Buffer | number | null | RedisReply[];

/** A connection to a Redis server. It connects again by itself when it was lost. */
export interface RedisConnection {
  /** `host:port`, for messages. */
  readonly address: string;
  /** For example `Redis 7.0.15`. */
  readonly version: string;
  /** Whether the server has a query engine: FT.CREATE and FT.SEARCH. */
  readonly hasEngine: boolean;
  /** The policy by which the server throws out any key when it is full; null where it does not do so. */
  readonly evicts: string | null;
  /**
   * Sends a command. Throws StoreDownError where the server is away or cannot do its work now, StoreFullError where it
   * can be read but not written to, RedisRefusal for other errors.
   */
  command(name: string, ...args: (string | number | Buffer)[]): Promise<RedisReply>;
  close(): void;
}

/** The server refused a command. `answer` is what it said, `code` the first word of it. */
export class RedisRefusal extends SettingsError {
  readonly answer: string;
  readonly code: string;
  constructor(address: string, answer: string, options?: ErrorOptions) {
    super(
      `Redis at ${address} refuses what memory needs: ${answer}. Mend what it speaks of, set MEMORY_INDEX to another ` +
        "name, or use MEMORY_BACKEND=local.",
      options,
    );
    this.answer = answer;
    this.code = answer.split(" ", 1)[0] ?? "";
  }
}

/** Error codes of a state that passes: loading, without its master, busy … */
const passing = ["LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY"];
/** The same for a server that can still be read: full, read-only, without its disk or its replicas. */
const takingNothing = ["OOM", "READONLY", "MISCONF", "NOREPLICAS"];
const connectMs = 5_000;
/** How long a server may take to end a connection before that is done here. */
const closeMs = 500;
const usualAnswerMs = 12_000;
const mostPauseMs = 1_000;

/**
 * Connects. A command that gets no answer within `answerMs` closes the connection, and commands fail until there is a
 * new one. Throws SettingsError where the server cannot be used, or ioredis is not installed.
 */
export async function connectRedis(address: RedisAddress, answerMs = usualAnswerMs): Promise<RedisConnection> {
  const database = databaseOf(address.url);
  const Client = await loadRedis();
  let connected = false;
  let problem: unknown = null;
  const options = clientOptions(() => connected);
  const redis = created(Client, address, options);
  const place = `${redis.options.host}:${redis.options.port}`;
  redis.on("error", (error) => (problem = error));
  redis.on("ready", () => (problem = null));
  const timer = setTimeout(() => redis.disconnect(), connectMs + answerMs);
  try {
    await redis.connect();
    connected = true;
    const line = { redis, address: place, answerMs, problem: () => problem };
    // The client would go on in database 0 without a word.
    if (database !== null) await selectDatabase(line, database);
    return await describe(line);
  } catch (error) {
    redis.disconnect();
    if (error instanceof DatabaseError) throw error;
    throw new SettingsError(
      `Redis at ${place} cannot be used (${messageOf(problem ?? error)}). Start it, set REDIS_HOST, REDIS_PORT and ` +
        "REDIS_PASSWORD, or REDIS_URL, for another one, or use MEMORY_BACKEND=local.",
      { cause: problem ?? error },
    );
  } finally {
    clearTimeout(timer);
  }
}

const clientOptions = (isConnected: () => boolean) => ({
  protocol: 2 as const,
  lazyConnect: true,
  // While the server is away a command fails at once, rather than waiting for ever.
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  connectTimeout: connectMs,
  // Where the server has gone, the process would be held for this long.
  disconnectTimeout: closeMs,
  retryStrategy: (times: number) => (isConnected() ? Math.min(times * 50, mostPauseMs) : null),
});
type ClientOptions = ReturnType<typeof clientOptions>;

async function loadRedis(): Promise<typeof Redis> {
  try {
    return (await import("ioredis")).Redis;
  } catch (error) {
    throw new SettingsError("Error: Redis is not installed. Please install ioredis to use Redis as a memory backend.", {
      cause: error,
    });
  }
}

/** The number of a database is not one that can be used. */
class DatabaseError extends SettingsError {}

/** The database that an address names; null where it names none. Throws SettingsError for what is no number. */
function databaseOf(url: string | undefined): number | null {
  const address = url !== undefined && URL.canParse(url) ? new URL(url) : null;
  const named = address?.searchParams.get("db") ?? address?.pathname.replace(/^\//, "") ?? "";
  if (named === "") return null;
  if (/^\d{1,9}$/.test(named)) return Number(named);
  throw new DatabaseError(
    `REDIS_URL names the database ${JSON.stringify(named)}, which is no number. Write redis://host:port/0, or leave it out.`,
  );
}

async function selectDatabase(line: Line, database: number): Promise<void> {
  try {
    await send(line, "SELECT", [database]);
  } catch (error) {
    if (!(error instanceof RedisRefusal)) throw error;
    throw new DatabaseError(
      `Redis at ${line.address} has no database ${database} (${error.answer}). Name another one in REDIS_URL, or leave it out.`,
      { cause: error },
    );
  }
}

/** The error for an address that cannot be read does not show it: it may hold a password. */
function created(Client: typeof Redis, address: RedisAddress, options: ClientOptions): Redis {
  try {
    return create(Client, address, options);
  } catch (cause) {
    throw new SettingsError(
      `REDIS_URL cannot be read (${messageOf(cause)}). Write signs such as % # @ in a password as %25 %23 %40.`,
      { cause },
    );
  }
}

function create(Client: typeof Redis, { url, host, port, password, tls }: RedisAddress, options: ClientOptions): Redis {
  if (url !== undefined) return new Client(url, options);
  return new Client({
    ...options,
    host,
    port,
    ...(password === undefined ? {} : { password }),
    ...(tls && { tls: {} }),
  });
}

type Line = { redis: Redis; address: string; answerMs: number; problem(): unknown };

async function describe(line: Line): Promise<RedisConnection> {
  const { redis, address } = line;
  const command: RedisConnection["command"] = (name, ...args) => send(line, name, args);
  const info = String(await command("INFO", "server"));
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1];
  const version = field("valkey_version");
  return {
    address,
    version: version === undefined ? `Redis ${field("redis_version") ?? "of an unknown version"}` : `Valkey ${version}`,
    hasEngine: await knowsSearch(command),
    evicts: await evictionPolicy(command),
    command,
    close: () => redis.disconnect(),
  };
}

/** Our keys have no time to live, so that only the policies for all keys take them. */
async function evictionPolicy(command: RedisConnection["command"]): Promise<string | null> {
  try {
    const info = String(await command("INFO", "memory"));
    const policy = /^maxmemory_policy:(allkeys-\w+)/m.exec(info)?.[1] ?? null;
    return /^maxmemory:[1-9]/m.test(info) ? policy : null;
  } catch (error) {
    if (error instanceof RedisRefusal) return null;
    throw error;
  }
}

/** A server without a query engine refuses this command, and so does one whose user may not use it. */
async function knowsSearch(command: RedisConnection["command"]): Promise<boolean> {
  try {
    return Array.isArray(await command("FT._LIST"));
  } catch (error) {
    if (error instanceof RedisRefusal) return false;
    throw error;
  }
}

async function send(
  { redis, address, answerMs, problem }: Line,
  name: string,
  args: (string | number | Buffer)[],
): Promise<RedisReply> {
  const timer = setTimeout(() => redis.disconnect(true), answerMs);
  try {
    return (await redis.callBuffer(name, ...args)) as RedisReply;
  } catch (error) {
    throw failureOf({ address, problem }, error);
  } finally {
    clearTimeout(timer);
  }
}

function failureOf({ address, problem }: Pick<Line, "address" | "problem">, error: unknown): Error {
  const answer = error instanceof Error && error.name === "ReplyError" ? error.message : null;
  const code = answer?.split(" ", 1)[0] ?? "";
  if (takingNothing.includes(code)) {
    return new StoreFullError(`Redis at ${address} takes nothing in now (${answer}).`, { cause: error });
  }
  if (answer !== null && !passing.includes(code)) return new RedisRefusal(address, answer, { cause: error });
  const reason = answer ?? (problem() === null ? "it does not answer" : messageOf(problem()));
  return new StoreDownError(`Redis at ${address} is down (${reason}).`, { cause: error });
}
