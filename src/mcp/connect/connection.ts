import type { CallToolResult, Client, ElicitRequestParams, ElicitResult } from "@modelcontextprotocol/client";
import * as z from "zod";
import { createMask } from "../../base/mask.js";
import { neverConnected } from "../../base/system-error.js";
import { messageOf } from "../../errors.js";
import type { ServerConfig } from "../config.js";
import { toolsOf, type Tool } from "../tool.js";
import { loadClient, wayTo, type Way, type WayOptions } from "./transport.js";
import { createPatience } from "./patience.js";
import { isAboutLogin, loginAdvice, quoted, startProblem, statusOf } from "./problems.js";

/** What came of a call: an answer of the tool's; or that it did not happen; or that nobody knows whether it did. */
export type CallOutcome =
  | { kind: "answered"; result: CallToolResult }
  | { kind: "not-done"; problem: string }
  | { kind: "unknown"; problem: string };

/** Answers a server's question to the user. */
export type AskUser = (params: ElicitRequestParams) => Promise<ElicitResult>;

/** A server that is connected, or will be with the first call. */
export interface Connection {
  /** The tools that it offers now. Rejects with an Error whose message says what to do, where it cannot be reached. */
  tools(): Promise<Tool[]>;
  /**
   * Never rejects, unless with the signal's reason. A lost connection is made anew with the next call; no call is repeated.
   * `ask` answers what the server asks the user in this call; without it, nobody is asked.
   */
  call(tool: string, args: Record<string, unknown>, signal: AbortSignal, ask?: AskUser): Promise<CallOutcome>;
  /** Connects where it is not; another number for each connection that was made. Rejects as `tools` does. */
  generation(): Promise<number>;
  /** Hears that the server says its tools changed. One listener at most. */
  onToolsChanged(listener: () => void): void;
  /** Ends the connection, and the program where one was started. */
  close(): Promise<void>;
}

export type ConnectionOptions = WayOptions & {
  version: string;
  /** How long a server may take until it is ready, in milliseconds. */
  startMs?: number;
  /** How long a call may take at most, whatever progress it reports, in milliseconds. */
  mostMs?: number;
};

/** Who answers what a server asks now, in a call; nobody between calls. */
type Asked = { now: AskUser | null };
type Connected = { generation: number; asked: Asked; client: Client; way: Way; lost: { reason: string | null } };

const usualStartMs = 30_000;
const usualMostMs = 3_600_000;
/** What a server answers to a session that it does not know (any more). The call was not looked at. */
const forgottenSession = new Set([400, 404]);

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
      const { client } = await connected();
      return listTools(client);
    },
    generation: async () => (await connected()).generation,
    onToolsChanged: (listener) => void (toolsChanged = listener),
    async call(tool, args, signal, ask) {
      signal.throwIfAborted();
      let at: Connected;
      try {
        at = await connected();
      } catch (thrown) {
        return { kind: "not-done", problem: messageOf(thrown) };
      }
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
  await client.close().catch(() => undefined);
  await way.ended().catch(() => undefined);
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
  const asked: Asked = { now: null };
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

/** All pages, each tool looked at by itself: one that is wrong does not lose the others, as it would with the client's own list. */
async function listTools(client: Client): Promise<Tool[]> {
  if (client.getServerCapabilities()?.tools === undefined) return [];
  const all: unknown[] = [];
  let cursor: string | undefined;
  for (let count = 0; count < mostPages; count++) {
    const { tools, nextCursor } = await client.request(
      { method: "tools/list", params: cursor === undefined ? {} : { cursor } },
      page(),
    );
    all.push(...tools);
    if (nextCursor === undefined || nextCursor === cursor) break;
    cursor = nextCursor;
  }
  return toolsOf(all);
}

const mostPages = 64;
const page = () => z.object({ tools: z.array(z.unknown()), nextCursor: z.string().optional() });

type CallRequest = {
  tool: string;
  args: Record<string, unknown>;
  signal: AbortSignal;
  ask: AskUser | undefined;
  config: ServerConfig;
  mostMs: number;
};

async function callTool(
  { client, way, lost, asked }: Connected,
  { tool, args, signal, ask, config, mostMs }: CallRequest,
): Promise<CallOutcome> {
  const cut = new AbortController();
  const unwatch = way.onCut(() => cut.abort());
  // The client's own time limit would go on while the user is asked.
  const patience = createPatience(config.timeoutMs);
  if (ask) asked.now = (params) => patience.during(() => ask(params));
  try {
    const result = await client.callTool(
      { name: tool, arguments: args },
      {
        timeout: mostMs,
        onprogress: patience.again,
        signal: AbortSignal.any([signal, cut.signal, patience.signal]),
      },
    );
    // A server may repeat what it was asked with.
    return { kind: "answered", result: createMask(await way.secrets())(result) };
  } catch (thrown) {
    signal.throwIfAborted();
    return await failedCall(thrown, { way, lost, config, isCut: cut.signal.aborted });
  } finally {
    asked.now = null;
    patience.end();
    unwatch();
  }
}

type Failed = Pick<Connected, "way" | "lost"> & { config: ServerConfig; isCut: boolean };

async function failedCall(thrown: unknown, { way, lost, config, isCut }: Failed): Promise<CallOutcome> {
  const { ProtocolError, SdkError, SdkErrorCode } = await loadClient();
  // The session outlives a connection that was cut.
  if (isCut) return { kind: "unknown", problem: "the connection to the server was lost before it answered" };
  if (thrown instanceof SdkError && thrown.code === SdkErrorCode.RequestTimeout)
    return { kind: "unknown", problem: `the server did not answer within ${config.timeoutMs / 1000} seconds` };
  if (thrown instanceof SdkError && thrown.code === SdkErrorCode.ConnectionClosed) {
    lost.reason ??= "the server ended";
    return { kind: "unknown", problem: `the server ended before it answered.${quoted(way.lastWords())}` };
  }
  if (isAboutLogin(thrown)) return { kind: "not-done", problem: `the server ${loginAdvice(config, way.lacking())}` };
  const status = statusOf(thrown);
  if (status !== null && forgottenSession.has(status) && config.kind === "http") {
    lost.reason = "the server does not know the session";
    return { kind: "not-done", problem: "the server was started anew and did not look at this call; ask again" };
  }
  if (thrown instanceof ProtocolError || thrown instanceof SdkError)
    return { kind: "answered", result: { isError: true, content: [{ type: "text", text: thrown.message }] } };
  if (neverConnected(thrown)) {
    lost.reason ??= messageOf(thrown);
    return { kind: "not-done", problem: "the server cannot be reached" };
  }
  if (config.kind === "stdio") lost.reason ??= messageOf(thrown);
  return { kind: "unknown", problem: `the connection to the server was lost: ${messageOf(thrown)}` };
}
