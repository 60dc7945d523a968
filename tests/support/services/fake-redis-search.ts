import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { Redis } from "ioredis";
import { createSearchIndexes, ErrorReply, type Hash, type Reply } from "./fake-search-indexes.js";
import type { Surroundings } from "./services.js";

/**
 * A server that speaks the protocol of Redis in its second version (https://redis.io/docs/latest/develop/reference/protocol-spec/)
 * and has the commands of the query engine, which see all hashes there are. Every other command is done by a real server
 * behind it.
 */
export interface FakeRedisSearch {
  port: number;
  /** The FT commands so far: name and arguments as text, vectors left out. */
  commands: string[][];
  /** What FT.INFO says of how much is indexed, 1 unless told. */
  indexed(share: number): void;
  /** From now on searches are refused. */
  refuse(): void;
}

export async function startFakeRedisSearch(t: Pick<Surroundings, "after">, port: number): Promise<FakeRedisSearch> {
  const behind = new Redis({ host: "127.0.0.1", port, protocol: 2, lazyConnect: true });
  await behind.connect();
  const indexes = createSearchIndexes((prefix) => hashes(behind, prefix));
  const commands: string[][] = [];
  const sockets = new Set<Socket>();

  const answer = async ([name, ...args]: Buffer[]): Promise<Reply> => {
    const command = String(name).toUpperCase();
    if (!command.startsWith("FT.")) return (await behind.callBuffer(command, ...args)) as Reply;
    commands.push([command, ...args.map((arg, index) => (String(args[index - 1]) === "query" ? "…" : String(arg)))]);
    return indexes.run(command, args);
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => undefined);
    let [bytes, turn]: [Buffer, Promise<void>] = [Buffer.alloc(0), Promise.resolve()];
    socket.on("data", (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      for (let read = readCommand(bytes); read !== null; read = readCommand(bytes)) {
        bytes = bytes.subarray(read.length);
        const { parts } = read;
        turn = turn.then(async () => {
          const reply = await answer(parts).catch((error: Error) => new ErrorReply(error.message));
          socket.write(encode(reply));
        });
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(async () => {
    behind.disconnect();
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  return {
    port: (server.address() as AddressInfo).port,
    commands,
    indexed: (share) => indexes.setIndexed(share),
    refuse: () => indexes.refuse(),
  };
}

async function hashes(redis: Redis, prefix: string): Promise<Map<string, Hash>> {
  const found = new Map<string, Hash>();
  for (const key of (await redis.keys(`${prefix}*`)).sort()) {
    const fields = await redis.hgetallBuffer(key);
    found.set(key, new Map(Object.entries(fields)));
  }
  return found;
}

/** A command is a list of byte strings, each with its length before it; null where it is not there as a whole. */
function readCommand(bytes: Buffer): { parts: Buffer[]; length: number } | null {
  const head = line(bytes, 0);
  if (head === null) return null;
  const parts: Buffer[] = [];
  let at = head.next;
  for (let count = Number(head.text.slice(1)); count > 0; count -= 1) {
    const size = line(bytes, at);
    if (size === null || bytes.length < size.next + Number(size.text.slice(1)) + 2) return null;
    const end = size.next + Number(size.text.slice(1));
    parts.push(bytes.subarray(size.next, end));
    at = end + 2;
  }
  return { parts, length: at };
}

function line(bytes: Buffer, from: number): { text: string; next: number } | null {
  const end = bytes.indexOf("\r\n", from);
  return end === -1 ? null : { text: bytes.toString("latin1", from, end), next: end + 2 };
}

function encode(reply: Reply): Buffer {
  if (reply === null) return Buffer.from("$-1\r\n");
  if (reply instanceof ErrorReply) return Buffer.from(`-${reply.message}\r\n`);
  if (typeof reply === "number") return Buffer.from(`:${reply}\r\n`);
  if (Array.isArray(reply)) return Buffer.concat([Buffer.from(`*${reply.length}\r\n`), ...reply.map(encode)]);
  const bytes = Buffer.from(reply);
  return Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n")]);
}
