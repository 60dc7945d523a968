import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { Redis } from "ioredis";
import { temporaryFolder } from "../program.js";
import { needsProgram, serverProcess, type Surroundings } from "./services.js";

export type RedisServer = {
  port: number;
  /** Runs one command, to look at or to prepare what is on the server. */
  command(name: string, ...args: (string | number | Buffer)[]): Promise<unknown>;
  /** Ends the process at once, as a crash does. */
  kill(): Promise<void>;
  /** Stops it, without ending it, so that it does not answer; it is ended with `kill` as always. */
  pause(): void;
  /** Starts it again with what it had on disk. */
  start(): Promise<void>;
};

/** A server of the distribution's package, with everything on disk at once; null, and the test skipped, where there is none. */
export async function startRedis(
  t: Surroundings,
  more: readonly string[] = [],
  tls?: Tls,
): Promise<RedisServer | null> {
  if (!(await needsProgram(t, "redis-server", "redis-server"))) return null;
  // What is to be done after the test is done in this order: its folder is removed when it has ended.
  let end = (): Promise<void> => Promise.resolve();
  t.after(() => end());
  const folder = await temporaryFolder(t);
  const port = await freePort();
  const ports = tls ? [...tlsArguments(tls), "--tls-port", String(port), "--port", "0"] : ["--port", String(port)];
  const args = [...ports, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "yes"];
  const { kill, start, signal } = serverProcess(
    () => spawn("redis-server", [...args, "--appendfsync", "always", ...more], { stdio: ["ignore", "pipe", "pipe"] }),
    { says: "stdout", ready: "Ready to accept connections", by: "SIGKILL" },
  );
  end = kill;
  await start();
  const pause = (): void => signal("SIGSTOP");
  return { port, kill, pause, start, command: (name, ...command) => commandOnce(port, more, name, command) };
}

type Tls = { key: string; certificate: string };

const tlsArguments = ({ key, certificate }: Tls): string[] => [
  ...["--tls-cert-file", certificate, "--tls-key-file", key],
  ...["--tls-ca-cert-file", certificate, "--tls-auth-clients", "no"],
];

/** Each command has a connection of its own, so that none is left over. */
async function commandOnce(
  port: number,
  more: readonly string[],
  name: string,
  args: (string | number | Buffer)[],
): Promise<unknown> {
  const password = more[more.indexOf("--requirepass") + 1];
  const redis = new Redis({
    host: "127.0.0.1",
    port,
    protocol: 2,
    lazyConnect: true,
    ...(more.includes("--requirepass") && password ? { password } : {}),
  });
  try {
    await redis.connect();
    return await redis.call(name, ...args);
  } finally {
    redis.disconnect();
  }
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
