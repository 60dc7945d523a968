import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import type { Agent, buildConnector } from "undici";
import { bareHost, type Guard } from "../guard/guard.js";
import { onAbort } from "../../base/abort.js";

export type AgentOptions = {
  timeoutMs: number;
  /** Refuses the private hosts that are allowed otherwise. */
  closedHosts: boolean;
};

/** As browsers have it: some sites send policies and cookies of more than 16 KB. */
export const mostHeaderBytes = 256 * 1024;

/** An HTTP client whose every connection is made by the guard. Whoever asked for it destroys it. */
export async function openAgent(
  guard: Guard,
  { timeoutMs, closedHosts }: AgentOptions,
  signal: AbortSignal,
): Promise<Agent> {
  const { default: undici } = await import("undici");
  const open = async ({ hostname, port, protocol }: buildConnector.Options): Promise<Duplex> => {
    const secure = protocol === "https:";
    const target = { host: hostname, port: Number(port) || (secure ? 443 : 80), secure };
    const socket = await guard.connect(target, signal, { closedHosts });
    return secure ? secured(socket, bareHost(hostname), signal) : socket;
  };
  return new undici.Agent({
    connect: (options, callback) => {
      open(options).then(
        (socket) => callback(null, socket as never),
        (thrown: unknown) => callback(thrown as Error, null),
      );
    },
    pipelining: 1,
    connections: 1,
    maxHeaderSize: mostHeaderBytes,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
}

function secured(socket: Duplex, host: string, signal: AbortSignal): Promise<Duplex> {
  const options: ConnectionOptions = {
    socket,
    host,
    ...(isIP(host) === 0 && { servername: host }),
    ALPNProtocols: ["http/1.1"],
  };
  return new Promise((resolve, reject) => {
    const connection = connectTls(options);
    // undici does not know of the connection before it is secure, so it has to be destroyed here.
    const stopListening = onAbort(signal, () => void connection.destroy(signal.reason as Error));
    connection.once("error", (error) => {
      stopListening();
      socket.destroy();
      reject(error);
    });
    connection.once("secureConnect", () => {
      stopListening();
      resolve(connection);
    });
  });
}
