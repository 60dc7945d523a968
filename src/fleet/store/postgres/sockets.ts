import { Socket } from "node:net";

/** Sockets for connections to a PostgreSQL server. A server that has gone silent ends none of them, and they would hold the process. */
export type Sockets = {
  /** The setting `stream` of the package. */
  stream: () => Socket;
  /** Ends all of them, and those that are made later. */
  end(): void;
};

export function createSockets(): Sockets {
  const open = new Set<Socket>();
  let isOver = false;
  return {
    stream() {
      const socket = new Socket();
      open.add(socket);
      socket.once("close", () => open.delete(socket));
      // The package has yet to listen to it.
      if (isOver) setImmediate(() => socket.destroy());
      return socket;
    },
    end() {
      isOver = true;
      for (const socket of open) socket.destroy();
    },
  };
}
