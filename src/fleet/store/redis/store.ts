import type { FileEntry } from "../../folder/entry.js";
import { readEntry, readOrder, readStatus, readWorker } from "../read-stored.js";
import { LeaseLostError, type ListedRun, type RunStore } from "../run-store.js";
import { connectStore, type RedisAnswer, type StoreConnection } from "./connection.js";
import * as scripts from "./scripts.js";

/** Every key of the fleet begins so: what else is on the server is left alone. */
const prefix = "autogpt:fleet:";
const names = `${prefix}runs`;
const budget = `${prefix}budget`;
const shared = `${prefix}shared`;
const workers = `${prefix}workers`;
const keysOf = (run: string) => ({
  run: `${prefix}{${run}}:run`,
  lines: `${prefix}{${run}}:lines`,
  files: `${prefix}{${run}}:files`,
  contents: `${prefix}{${run}}:contents`,
});

/** Runs on a Redis server. Throws SettingsError where it cannot be used. */
export async function openRedisStore(address: string): Promise<RunStore> {
  const redis = await connectStore(address);
  return {
    ...{ place: redis.place, server: redis.server, warnings: redis.warnings },
    hasArtifacts: false,
    ...leasesOn(redis),
    ...keptOn(redis),
    ...budgetOn(redis),
    ...sharedOn(redis),
    ...workersOn(redis),
    async create(run, order, status) {
      const given = [run, JSON.stringify(order), JSON.stringify(status)];
      return (await redis.script(scripts.createScript, [keysOf(run).run, names], given)) === 1;
    },
    async setStatus(run, status) {
      return (await redis.script(scripts.statusScript, [keysOf(run).run], [JSON.stringify(status)])) === 1;
    },
    async askToEnd(run, asked) {
      const { run: key } = keysOf(run);
      if ((await redis.call("EXISTS", key)) === 1) await redis.call("HSET", key, "end", asked ? "1" : "");
    },
    isAskedToEnd: async (run) => textOf(await redis.call("HGET", keysOf(run).run, "end")) === "1",
    look: (run) => lookAt(redis, run),
    list: () => listRuns(redis),
    async remove(run) {
      await redis.call("DEL", ...Object.values(keysOf(run)));
      await redis.call("SREM", names, run);
    },
    close: () => redis.close(),
  };
}

const leasesOn = (redis: StoreConnection): Pick<RunStore, "acquire" | "renew" | "release"> => ({
  async acquire(run, holder, milliseconds) {
    const epoch = await redis.script(scripts.acquireScript, [keysOf(run).run], [holder, milliseconds]);
    return epoch === -1 ? "missing" : epoch === 0 ? "held" : { epoch: Number(epoch) };
  },
  async renew(run, epoch, milliseconds) {
    const answer = await redis.script(scripts.renewScript, [keysOf(run).run], [epoch, milliseconds]);
    return textOf(answer) !== scripts.lostAnswer;
  },
  async release(run, epoch) {
    await redis.script(scripts.releaseScript, [keysOf(run).run], [epoch]);
  },
});

const keptOn = (
  redis: StoreConnection,
): Pick<RunStore, "put" | "commit" | "read" | "linesFrom" | "filesBelow" | "contents"> => ({
  async put(run, epoch, contents) {
    const keys = keysOf(run);
    const given = [...contents].flatMap(([hash, bytes]) => [hash, Buffer.from(bytes)]);
    if (given.length === 0) return;
    requireHolder(run, await redis.script(scripts.putScript, [keys.run, keys.contents], [epoch, ...given]));
  },
  async commit(run, epoch, { lines, from, files, dropped, status, nano }) {
    const keys = keysOf(run);
    const counts = [from, lines.length, files.length, dropped.length, nano];
    const given = [
      ...lines,
      ...files.flatMap(([path, entry]) => [path, entry === null ? "" : JSON.stringify(entry)]),
      ...dropped,
    ];
    const written = status === null ? "" : JSON.stringify(status);
    const all = [keys.run, keys.lines, keys.files, keys.contents, budget];
    requireHolder(run, await redis.script(scripts.commitScript, all, [epoch, written, ...counts, ...given]));
  },
  read: (run) => readRun(redis, run),
  linesFrom: (run, from, most) => linesFrom(redis, run, from, most),
  filesBelow: (run, folder) => filesBelow(redis, run, folder),
  async contents(run, hashes) {
    if (hashes.length === 0) return [];
    const found = (await redis.call("HMGET", keysOf(run).contents, ...hashes)) as (Buffer | null)[];
    return found.map((bytes) => bytes ?? null);
  },
});

const budgetOn = (redis: StoreConnection): Pick<RunStore, "reserve" | "budget" | "limitBudget"> => ({
  async reserve(run, epoch, nano) {
    const answer = await redis.script(scripts.reserveScript, [keysOf(run).run, budget], [epoch, nano]);
    requireHolder(run, answer);
    return answer === 1;
  },
  async budget() {
    const [spent, limit] = (await redis.call("HMGET", budget, "spent", "limit")) as RedisAnswer[];
    const limitText = textOf(limit ?? null);
    return { spent: Number(textOf(spent ?? null) ?? 0), limit: limitText === null ? null : Number(limitText) };
  },
  async limitBudget(nano) {
    if (nano === null) await redis.call("HDEL", budget, "limit");
    else await redis.call("HSET", budget, "limit", nano);
  },
});

const sharedOn = (redis: StoreConnection): Pick<RunStore, "shared" | "replaceShared"> => ({
  async shared(name) {
    const [text, now] = (await redis.script(scripts.sharedScript, [shared], [name])) as RedisAnswer[];
    return { text: textOf(text ?? null), now: Number(textOf(now ?? null)) };
  },
  async replaceShared(name, before, after) {
    const given = [name, before === null ? 0 : 1, before ?? "", after];
    return (await redis.script(scripts.replaceSharedScript, [shared], given)) === 1;
  },
});

const workersOn = (redis: StoreConnection): Pick<RunStore, "announce" | "withdraw" | "workers"> => ({
  async announce(facts, milliseconds) {
    await redis.script(scripts.announceScript, [workers], [facts.worker, milliseconds, JSON.stringify(facts)]);
  },
  async withdraw(worker) {
    await redis.call("HDEL", workers, worker);
  },
  async workers() {
    const found = textsOf(await redis.script(scripts.workersScript, [workers], [])).sort();
    return found.map(readWorker).filter((facts) => facts !== null);
  },
});

function requireHolder(run: string, answer: RedisAnswer): void {
  if (textOf(answer) === scripts.lostAnswer) throw new LeaseLostError(run);
}

const textOf = (answer: RedisAnswer): string | null => (Buffer.isBuffer(answer) ? answer.toString("utf8") : null);
const textsOf = (answer: RedisAnswer): string[] =>
  Array.isArray(answer) ? answer.map((one) => textOf(one) ?? "") : [];

async function readRun(redis: StoreConnection, run: string): ReturnType<RunStore["read"]> {
  const keys = keysOf(run);
  const [order, status, epoch] = textsOf(await redis.call("HMGET", keys.run, "order", "status", "epoch"));
  if (!order || !status) return null;
  const files = textsOf(await redis.call("HGETALL", keys.files));
  const entries = files.flatMap((path, index) =>
    index % 2 === 0 ? [[path, readEntry(run, path, files[index + 1] ?? "")] as const] : [],
  );
  return {
    order: readOrder(run, order),
    status: readStatus(run, status),
    epoch: Number(epoch),
    lines: textsOf(await redis.call("LRANGE", keys.lines, 0, -1)),
    files: new Map(entries),
    contents: new Set(textsOf(await redis.call("HKEYS", keys.contents))),
  };
}

async function lookAt(redis: StoreConnection, run: string): ReturnType<RunStore["look"]> {
  const [order, status] = textsOf(await redis.call("HMGET", keysOf(run).run, "order", "status"));
  return order && status ? { order: readOrder(run, order), status: readStatus(run, status) } : null;
}

async function linesFrom(
  redis: StoreConnection,
  run: string,
  from: number,
  most: number,
): ReturnType<RunStore["linesFrom"]> {
  const keys = keysOf(run);
  // They are sent behind each other, so what ends the run is among the lines where its status says that it has ended.
  const [status, count, lines] = await Promise.all([
    redis.call("HGET", keys.run, "status"),
    redis.call("LLEN", keys.lines),
    redis.call("LRANGE", keys.lines, from - 1, from + most - 2),
  ]);
  const text = textOf(status);
  if (text === null) return null;
  return { status: readStatus(run, text), count: Number(count), lines: textsOf(lines) };
}

/** About so many entries are looked at by the server at a time. */
const scannedAtOnce = 1_000;

async function filesBelow(redis: StoreConnection, run: string, folder: string): ReturnType<RunStore["filesBelow"]> {
  const found = new Map<string, FileEntry>();
  // What the server takes for a pattern is looked at here as well: a name may have signs of one.
  const pattern = `${folder.replace(/[[\]*?\\]/g, "?")}/*`;
  let cursor = "0";
  do {
    const scan = ["HSCAN", keysOf(run).files, cursor, "MATCH", pattern, "COUNT", scannedAtOnce] as const;
    const [next, entries] = (await redis.call(...scan)) as RedisAnswer[];
    cursor = textOf(next ?? null) ?? "0";
    const texts = textsOf(entries ?? null);
    for (let at = 0; at < texts.length; at += 2) {
      const path = texts[at] ?? "";
      if (path.startsWith(`${folder}/`)) found.set(path, readEntry(run, path, texts[at + 1] ?? ""));
    }
  } while (cursor !== "0");
  return found;
}

/** How many runs are asked for at a time. */
const atOnce = 200;

async function listRuns(redis: StoreConnection): Promise<ListedRun[]> {
  const all = textsOf(await redis.call("SMEMBERS", names)).sort();
  const listed: ListedRun[] = [];
  for (let first = 0; first < all.length; first += atOnce) {
    const some = all.slice(first, first + atOnce);
    const found = await Promise.all(some.map((run) => lookAt(redis, run)));
    for (const [index, one] of found.entries()) if (one !== null) listed.push({ run: some[index] as string, ...one });
  }
  return listed;
}
