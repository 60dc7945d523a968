import { lookup, Resolver } from "node:dns/promises";
import { codeOf } from "../../base/system-error.js";
import { WebError } from "../web-error.js";
import { onAbort } from "../../base/abort.js";

/** Every address of a name, IPv4 first. Throws WebError where there is none. */
export type ResolveName = (name: string, signal: AbortSignal) => Promise<string[]>;

/** Asks the system, or the server `host:port` alone where one is named. Each call asks anew. */
export function createResolver(server: string | undefined): ResolveName {
  return async (name, signal) => {
    const addresses = server === undefined ? await bySystem(name) : await byServer(name, server, signal);
    signal.throwIfAborted();
    if (addresses.length === 0) throw unknownName(name, "it has no address");
    return addresses;
  };
}

async function bySystem(name: string): Promise<string[]> {
  try {
    const found = await lookup(name, { all: true });
    return found.sort((a, b) => a.family - b.family).map(({ address }) => address);
  } catch (thrown) {
    throw unknownName(name, codeOf(thrown) ?? "unknown error", thrown);
  }
}

async function byServer(name: string, server: string, signal: AbortSignal): Promise<string[]> {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  resolver.setServers([server]);
  const stopListening = onAbort(signal, () => resolver.cancel());
  try {
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const found = [v4, v6].flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    if (found.length === 0 && v4.status === "rejected") {
      throw unknownName(name, codeOf(v4.reason) ?? "unknown error", v4.reason);
    }
    return found;
  } finally {
    stopListening();
  }
}

const unknownName = (name: string, why: string, cause?: unknown): WebError =>
  new WebError("no-connection", `the name ${name} cannot be resolved (${why}). Check the address.`, { cause });
