import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A way to a server that can be closed: what is sent meanwhile is lost with its connection, or comes late. */
export type GatedProxy = {
  port: number;
  /** Ends all connections, and takes no others until `open`. */
  cut(): void;
  /** Nothing arrives on either side any more, and all of it does at `open`. */
  hold(): void;
  open(): void;
  close(): Promise<void>;
};

/** A proxy on 127.0.0.1 to a port there. */
export async function startGatedProxy(target: number): Promise<GatedProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let state: "open" | "cut" | "hold" = "open";
  const server = createServer((near) => {
    if (state === "cut") return void near.destroy();
    const far = connect(target, "127.0.0.1");
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on("data", (bytes) => other.write(bytes));
      one.on("error", () => undefined);
      one.on("close", () => {
        other.destroy();
        pairs.delete(pair);
      });
      if (state === "hold") one.pause();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const each = (work: (socket: Socket) => void): void => {
    for (const pair of pairs) pair.forEach(work);
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      state = "cut";
      each((socket) => socket.destroy());
    },
    hold() {
      state = "hold";
      each((socket) => socket.pause());
    },
    open() {
      state = "open";
      each((socket) => socket.resume());
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      each((socket) => socket.destroy());
      await closed;
    },
  };
}
