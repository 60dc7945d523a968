import type { Redis, RedisOptions } from "ioredis";
import { messageOf } from "../../errors.js";

/** A client of a Redis server that waits for it for as long as it is away; `end` ends it and all that were made from it. */
export type QueueClient = { redis: Redis; end(): void };

/** How long a server may take to end a connection before that is done here, in milliseconds: nobody waits for it by then. */
const disconnectTimeout = 500;

/** The package of the connection is ours: the library, which may be installed elsewhere, would not find it. */
export async function createQueueClient(address: string, onError: (message: string) => void): Promise<QueueClient> {
  const { Redis: Client } = await import("ioredis");
  const made: Redis[] = [];
  const options = { maxRetriesPerRequest: null, protocol: 2 as const, disconnectTimeout };
  class EndingClient extends Client {
    /** Whoever waits for an answer, or for the end, is told of it: between two tries to connect the package's own does neither. */
    override disconnect(reconnect = false): void {
      const isBetween = this.status === "reconnecting";
      super.disconnect(reconnect);
      if (reconnect || !isBetween) return;
      this.connect().catch(() => undefined);
      super.disconnect();
    }
    override duplicate(more: Partial<RedisOptions> = {}): Redis {
      const other = new EndingClient({ ...this.options, ...more, replyMapping: "legacy" });
      made.push(withoutPolicy(other));
      return other;
    }
  }
  const redis = new EndingClient(address, options);
  made.push(withoutPolicy(redis));
  redis.on("error", (thrown: unknown) => onError(messageOf(thrown)));
  return {
    redis,
    end() {
      for (const one of made) if (one.status !== "end") one.disconnect();
    },
  };
}

/**
 * The library writes to the console what it thinks of the server's policy for a full memory, for each of its connections. Whoever opens the
 * store is told of that once.
 */
function withoutPolicy(client: Redis): Redis {
  const info = client.info.bind(client) as (...sections: string[]) => Promise<string>;
  const told = async (...sections: string[]): Promise<string> =>
    (await info(...sections)).replace(/^maxmemory_policy:.*\r?\n/m, "");
  client.info = told as Redis["info"];
  return client;
}
