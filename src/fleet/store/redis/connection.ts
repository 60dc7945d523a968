import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { messageOf, SettingsError } from "../../../errors.js";
import { StoreDownError } from "../run-store.js";

export type RedisAnswer = Buffer | number | null | RedisAnswer[];
type Given = string | number | Buffer;

/** A connection to a Redis server, which connects again by itself. Both calls throw StoreDownError where the server is away. */
export type StoreConnection = {
  place: string;
  /** What it is, and in which version. */
  server: string;
  /** What of its settings puts runs at risk, in whole sentences. */
  warnings: readonly string[];
  call(name: string, ...given: Given[]): Promise<RedisAnswer>;
  script(text: string, keys: readonly string[], given: readonly Given[]): Promise<RedisAnswer>;
  close(): Promise<void>;
};

const connectMs = 5_000;
/** How long a server may take to end a connection before that is done here. */
const closeMs = 500;
const mostPauseMs = 1_000;
/** Redis that carries out scripts as they are written here, and that BullMQ takes. */
const leastVersion = [6, 2] as const;

/** Connects. A command that has no answer within `answerMs` fails. Throws SettingsError where the server cannot be used. */
export async function connectStore(address: string, answerMs = 10_000): Promise<StoreConnection> {
  const { Redis: Client } = await import("ioredis");
  let [connected, problem] = [false, null as unknown];
  const redis = new Client(address, {
    protocol: 2,
    lazyConnect: true,
    // While the server is away a command fails at once: whoever sent it decides how long to try.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: connectMs,
    // Where the server has gone, the process would be held for this long.
    disconnectTimeout: closeMs,
    commandTimeout: answerMs,
    retryStrategy: (times: number) => (connected ? Math.min(times * 50, mostPauseMs) : null),
  });
  const place = `${redis.options.host}:${redis.options.port}`;
  redis.on("error", (thrown) => (problem = thrown));
  let info = "";
  try {
    await redis.connect();
    connected = true;
    info = String(await redis.info());
    requireVersion(place, info);
    await requireDatabase(redis, place);
  } catch (thrown) {
    redis.disconnect();
    if (thrown instanceof SettingsError) throw thrown;
    throw unusable(place, problem ?? thrown);
  }
  const send = async (name: string, given: readonly Given[]): Promise<RedisAnswer> => {
    try {
      return (await redis.callBuffer(name, ...given)) as RedisAnswer;
    } catch (thrown) {
      // While it is not connected the client says no more than that; why it is not is what was heard last.
      throw failure(place, redis.status === "ready" ? thrown : (problem ?? thrown));
    }
  };
  return {
    place,
    server: `Redis ${/redis_version:(\S+)/.exec(info)?.[1] ?? "of an unknown version"}`,
    warnings: warningsOf(place, info),
    call: (name, ...given) => send(name, given),
    script: (text, keys, given) => sendScript(send, text, [keys.length, ...keys, ...given]),
    close: () => {
      redis.disconnect();
      return Promise.resolve();
    },
  };
}

/** A script is sent by its hash, and as a whole where the server does not have it. */
async function sendScript(
  send: (name: string, given: readonly Given[]) => Promise<RedisAnswer>,
  text: string,
  given: readonly Given[],
): Promise<RedisAnswer> {
  const hash = createHash("sha1").update(text).digest("hex");
  try {
    return await send("EVALSHA", [hash, ...given]);
  } catch (thrown) {
    if (!messageOf(thrown).includes("NOSCRIPT")) throw thrown;
    return send("EVAL", [text, ...given]);
  }
}

/** The client would go on in database 0 without a word. */
async function requireDatabase(redis: Redis, place: string): Promise<void> {
  const { db } = redis.options;
  if (!db) return;
  await redis.select(db).catch((cause: unknown) => {
    throw new SettingsError(
      `Redis at ${place} has no database ${db} (${messageOf(cause)}). Name another one in QUEUE_URL, or leave it out.`,
      { cause },
    );
  });
}

function requireVersion(place: string, info: string): void {
  const [, major, minor] = /redis_version:(\d+)\.(\d+)/.exec(info) ?? [];
  if (major === undefined || minor === undefined) return;
  if (Number(major) > leastVersion[0] || (Number(major) === leastVersion[0] && Number(minor) >= leastVersion[1]))
    return;
  throw new SettingsError(
    `Redis at ${place} is ${major}.${minor}, and a queue needs ${leastVersion.join(".")} or later. Update it, or name another one in QUEUE_URL.`,
  );
}

/** Settings under which a server that works can lose what it has acknowledged. */
function warningsOf(place: string, info: string): string[] {
  const [, policy = "noeviction"] = /^maxmemory_policy:(\S+)/m.exec(info) ?? [];
  return [
    ...(policy === "noeviction"
      ? []
      : [
          `Redis at ${place} removes keys when its memory is full (maxmemory-policy ${policy}), and runs are lost then. Set it to noeviction.`,
        ]),
    ...(/^aof_enabled:0/m.test(info)
      ? [`Redis at ${place} keeps no log on disk (appendonly no): a restart may lose runs. Set appendonly to yes.`]
      : []),
  ];
}

/** Why no connection was made, and what is to be done about that. */
function unusable(place: string, cause: unknown): SettingsError {
  const why = withoutScript(messageOf(cause));
  const isPassword = /\b(WRONGPASS|NOAUTH)\b|invalid password/i.test(why);
  const isOther = /^Connection is closed|^Protocol error|^Stream isn't writeable|ECONNRESET/.test(why);
  const says = isPassword
    ? `Redis at ${place} lets nobody in without its password, and that in QUEUE_URL is missing or wrong (${why}). It stands there as redis://:PASSWORD@HOST:PORT, or redis://USER:PASSWORD@HOST:PORT.`
    : isOther
      ? `What listens at ${place} does not speak as Redis does (${why}). Name a Redis server in QUEUE_URL, with rediss:// where it wants TLS.`
      : `Redis at ${place} cannot be used (${why}). Start it, or name another one in QUEUE_URL.`;
  return new SettingsError(says, { cause });
}

/** The server says behind its reason in which script of ours it happened. */
const withoutScript = (message: string): string => message.replace(/\.?,? script: [0-9a-f]{40}, on @\S+$/, "");

/** What a server answers that takes nothing now, and may again. */
const passing = /^(LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|OOM|READONLY|MISCONF|NOREPLICAS)\b/;

function failure(place: string, thrown: unknown): Error {
  const message = withoutScript(messageOf(thrown));
  const isAnswer = (thrown as Error).name === "ReplyError";
  if (!isAnswer) return new StoreDownError(`Redis at ${place} does not answer (${message}).`, { cause: thrown });
  if (passing.test(message))
    return new StoreDownError(`Redis at ${place} takes nothing now: ${message}.`, { cause: thrown });
  return new SettingsError(
    `Redis at ${place} refuses what the fleet needs: ${message}. Mend what it speaks of, or name another one in QUEUE_URL.`,
    { cause: thrown },
  );
}
