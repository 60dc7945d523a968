import { messageOf } from "../../errors.js";
import type { ServerConfig } from "../config.js";
import type { ReadTools } from "../tool.js";
import { callTool } from "./call.js";
import type { AskUser, CallOutcome, Connected } from "./connected.js";
import { listTools } from "./list-tools.js";
import { loadClient, wayTo, type WayOptions } from "./transport.js";
import { listProblem, quoted, startProblem } from "./problems.js";

/** A server that is connected, or will be with the first call. */
export interface Connection {
  /** The tools that it offers now, and by which connection. Rejects with an Error whose message says what to do, where it cannot be reached. */
  tools(): Promise<Offer>;
  /**
   * Never rejects, unless with the signal's reason. A lost connection is made anew with the next call; no call is repeated.
   */
  call(tool: string, args: Record<string, unknown>, signal: AbortSignal, options?: CallOptions): Promise<CallOutcome>;
  /** Connects where it is not; another number for each connection that was made. Rejects as `tools` does. */
  generation(): Promise<number>;
  /** Hears that the server says its tools changed. One listener at most. */
  onToolsChanged(listener: () => void): void;
  /** Ends the connection, and the program where one was started. */
  close(): Promise<void>;
}

export type Offer = ReadTools & { generation: number };

export type CallOptions = {
  /** Answers what the server asks the user in this call; without it, nobody is asked. */
  ask?: AskUser;
  /** Only by this connection: where it is not there any more, the call is not carried out. */
  generation?: number;
};

export type ConnectionOptions = WayOptions & {
  version: string;
  /** How long a server may take until it is ready, in milliseconds. */
  startMs?: number;
  /** How long a call may take at most, whatever progress it reports, in milliseconds. */
  mostMs?: number;
};

const usualStartMs = 30_000;
const usualMostMs = 3_600_000;

/** Connects to a server with its first use. */
export function createConnection(config: ServerConfig, options: ConnectionOptions): Connection {
  let connecting: Promise<Connected> | null = null;
  let isClosed = false;
  let count = 0;
  let toolsChanged = (): void => undefined;
  const connected = async (): Promise<Connected> => {
    const before = await connecting?.catch(() => null);
    if (before && before.lost.reason === null) return before;
    if (isClosed) throw new Error("the run has ended");
    if (before) await end(before);
    count += 1;
    const about = { ...options, config, generation: count, onToolsChanged: () => toolsChanged() };
    connecting = connect(about);
    return connecting;
  };
  return {
    async tools() {
      const { client, generation, way } = await connected();
      const offered = await listTools(client, options.startMs ?? usualStartMs).catch((thrown: unknown) => {
        throw new Error(listProblem(config, thrown, way), { cause: thrown });
      });
      return { ...offered, generation };
    },
    generation: async () => (await connected()).generation,
    onToolsChanged: (listener) => void (toolsChanged = listener),
    async call(tool, args, signal, { ask, generation } = {}) {
      signal.throwIfAborted();
      let at: Connected;
      try {
        at = await connected();
      } catch (thrown) {
        return { kind: "not-done", problem: messageOf(thrown) };
      }
      if (generation !== undefined && generation !== at.generation)
        return { kind: "not-done", problem: "the server was started anew meanwhile; use the command again" };
      return callTool(at, { tool, args, signal, ask, config, mostMs: options.mostMs ?? usualMostMs });
    },
    async close() {
      isClosed = true;
      const last = await connecting?.catch(() => null);
      if (last) await end(last);
    },
  };
}

async function end({ client, way }: Pick<Connected, "client" | "way">): Promise<void> {
  await way.end(() => client.close().catch(() => undefined)).catch(() => undefined);
}

type About = ConnectionOptions & { config: ServerConfig; generation: number; onToolsChanged(): void };

/** Rejects with an Error that names what went wrong and the last words of a program. */
async function connect(about: About): Promise<Connected> {
  try {
    return await attempt(about, "legacy");
  } catch (thrown) {
    // A server of the newer protocol alone does not know the older one's first request.
    if (thrown instanceof StartProblem && thrown.mayBeNewer) return attempt(about, "auto");
    throw thrown;
  }
}

class StartProblem extends Error {
  readonly mayBeNewer: boolean;
  constructor(message: string, mayBeNewer: boolean, cause: unknown) {
    super(message, { cause });
    this.mayBeNewer = mayBeNewer;
  }
}

async function attempt(about: About, mode: "legacy" | "auto"): Promise<Connected> {
  const { config, version, generation, startMs: timeout = usualStartMs } = about;
  const { Client, ProtocolError, SdkError } = await loadClient();
  const way = await wayTo(config, about).catch((thrown: unknown) => {
    throw new StartProblem(`the MCP server ${config.name} cannot be started: ${messageOf(thrown)}.`, false, thrown);
  });
  // HTTP servers are asked which protocol they speak; a program would be started twice for that.
  const negotiated = config.kind === "http" ? "auto" : mode;
  const client = new Client(
    { name: "autogpt", version },
    {
      versionNegotiation: { mode: negotiated },
      // Always the same, as servers have other tools for a client that has none of it.
      capabilities: { elicitation: { form: {}, url: {} } },
      // The client's own list would be lost as a whole where one tool is odd; and no call may slip in before it is looked at.
      listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged: () => about.onToolsChanged() } },
    },
  );
  const asked: Connected["asked"] = { now: null };
  client.setRequestHandler("elicitation/create", ({ params }) => asked.now?.(params) ?? { action: "decline" });
  const lost: Connected["lost"] = { reason: null };
  client.onerror = () => undefined;
  client.onclose = () => void (lost.reason ??= "the connection was closed");
  try {
    await client.connect(way.transport, { timeout });
    return { generation, asked, client, way, lost };
  } catch (thrown) {
    await end({ client, way });
    const mayBeNewer =
      config.kind === "stdio" && mode === "legacy" && thrown instanceof ProtocolError && !(thrown instanceof SdkError);
    throw new StartProblem(
      `${startProblem(config, thrown, way.lacking())}${quoted(way.lastWords())}`,
      mayBeNewer,
      thrown,
    );
  }
}
