import { randomUUID } from "node:crypto";
import { realpath, stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { Readable, Writable } from "node:stream";
import type { ContentBlock, InitializeResponse, McpServer } from "@agentclientprotocol/sdk";
import { onAbort } from "../base/abort.js";
import { commandLine } from "../base/process/command-line.js";
import { messageForPerson, ParkedError, RunError, SettingsError } from "../errors.js";
import { knownHomes } from "../history/listing/known-homes.js";
import { homesFile } from "../settings/environment/trust-file.js";
import { requireKey } from "../settings/require-key.js";
import type { Settings } from "../settings/schema.js";
import { refuseTooMuch } from "../protection/too-much.js";
import { codes, loadSdk, refusing, type Client, type ClientCapabilities, type Refuse, type Sdk } from "./protocol.js";
import { replay } from "./replay.js";
import { writtenServers } from "./servers.js";
import { createSession, settingsAt, type Session } from "./session.js";
import { listSessions, runsOfSession } from "./stored-sessions.js";

export type AcpOptions = {
  version: string;
  /** Where the program was started. */
  cwd: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** Settings of the command line, for all sessions. */
  flags: Partial<Settings>;
  input: Readable;
  output: Writable;
  /** Ends all sessions when it is aborted, with a RunError as its reason. */
  signal: AbortSignal;
};

/**
 * `autogpt acp`: speaks the Agent Client Protocol until the editor has gone, and starts the runs that it asks for. Resolves to the
 * exit code: 75 where a run was parked because of that.
 */
export async function serveAcp(options: AcpOptions): Promise<number> {
  const sdk = await loadSdk();
  const sessions = new Map<string, Session>();
  const gone = new AbortController();
  const connection = agentOf(sdk, { ...options, gone: gone.signal }, sessions).connect(
    sdk.ndJsonStream(Writable.toWeb(options.output), Readable.toWeb(options.input) as ReadableStream<Uint8Array>),
  );
  const reason = await new Promise<RunError>((resolve) => {
    const left = (): void => resolve(editorGone());
    void connection.closed.then(left, left);
    options.output.once("close", left);
    onAbort(options.signal, () => resolve(reasonOf(options.signal)));
  });
  gone.abort(reason);
  const ended = await Promise.all([...sessions.values()].map((session) => session.park(reason)));
  // What was asked for is answered before nobody can be answered any more.
  await new Promise((resolve) => setImmediate(resolve));
  connection.close();
  if (reason.reason === "parked") return ended.includes(true) ? 75 : 0;
  return reason.reason === "terminated" ? 143 : 130;
}

const reasonOf = ({ reason }: AbortSignal): RunError =>
  reason instanceof RunError ? reason : new RunError("interrupted", "Interrupted.");

const editorGone = (): ParkedError =>
  new ParkedError(
    "The editor has gone, so nobody watches this run any more. It goes on with the session's next prompt.",
  );

type ServingOptions = AcpOptions & { gone: AbortSignal };

type Wanted = { cwd: string; mcpServers?: readonly McpServer[] | undefined };

/** What a connection's requests share. */
type Serving = {
  options: ServingOptions;
  sessions: Map<string, Session>;
  refuse: Refuse;
  /** What the editor can do, as it said in the beginning. */
  capabilities: ClientCapabilities;
};

function agentOf(sdk: Sdk, options: ServingOptions, sessions: Map<string, Session>) {
  const { agent } = sdk.methods;
  const serving: Serving = { options, sessions, refuse: refusing(sdk), capabilities: {} };
  const { refuse } = serving;
  const sessionOf = (id: string): Session => {
    const session = sessions.get(id);
    if (session !== undefined) return session;
    throw refuse(codes.notFound, `There is no session ${JSON.stringify(id.slice(0, 100))} here: open it first.`);
  };
  return sdk
    .agent({ name: "autogpt" })
    .onRequest(agent.initialize, ({ params }) => {
      serving.capabilities = params.clientCapabilities ?? {};
      return introduction(sdk, options.version);
    })
    .onRequest(agent.authenticate, () => requireAccess(serving, options.cwd).then(() => ({})))
    .onRequest(agent.session.new, async ({ params, client }) => {
      const session = await openSession(serving, client, randomUUID(), params);
      return { sessionId: session.id, modes: session.modes() };
    })
    .onRequest(agent.session.load, async ({ params, client }) => {
      const { session, runs } = await storedSession(serving, client, params.sessionId, params);
      await replay(runs, { client, sessionId: session.id, announced: session.announced });
      return { modes: session.modes() };
    })
    .onRequest(agent.session.resume, async ({ params, client }) => {
      const { session } = await storedSession(serving, client, params.sessionId, params);
      return { modes: session.modes() };
    })
    .onRequest(agent.session.list, ({ params }) => list(serving, params.cwd ?? null, params.cursor ?? null))
    .onRequest(agent.session.close, async ({ params }) => {
      const session = sessionOf(params.sessionId);
      session.cancel();
      await session.park(editorGone());
      sessions.delete(session.id);
      return {};
    })
    .onRequest(agent.session.setMode, async ({ params }) => {
      await sessionOf(params.sessionId).setMode(params.modeId);
      return {};
    })
    .onNotification(agent.session.cancel, ({ params }) => sessions.get(params.sessionId)?.cancel())
    .onRequest(agent.session.prompt, ({ params, signal }) =>
      prompted(sessionOf(params.sessionId), params.prompt, (reason) => isCancelled(sdk, reason), signal),
    );
}

/** A prompt's answer. Its signal tells that the editor takes it back, or has gone, in which case the run parks. */
async function prompted(
  session: Session,
  prompt: readonly ContentBlock[],
  isTakenBack: (reason: unknown) => boolean,
  signal: AbortSignal,
) {
  const release = onAbort(signal, () => {
    if (isTakenBack(signal.reason)) session.cancel();
  });
  try {
    return { stopReason: await session.prompt(prompt) };
  } finally {
    release();
  }
}

const isCancelled = ({ RequestError }: Sdk, reason: unknown): boolean =>
  reason instanceof RequestError ? reason.code === -32800 : reason instanceof Error && reason.name === "AbortError";

const introduction = ({ PROTOCOL_VERSION }: Sdk, version: string): InitializeResponse => ({
  protocolVersion: PROTOCOL_VERSION,
  agentInfo: { name: "autogpt", title: "AutoGPT", version },
  agentCapabilities: {
    loadSession: true,
    promptCapabilities: { image: false, audio: false, embeddedContext: true },
    mcpCapabilities: { http: true, sse: false },
    sessionCapabilities: { list: {}, resume: {}, close: {} },
  },
  authMethods: [
    {
      id: "init",
      name: "Set up a key or a local server",
      description: `Run "${commandLine("init")}" in a terminal: it asks for a key, or for a local server, which needs none.`,
    },
  ],
});

/** Refuses with auth_required where there is no key for the model's server, and says what to do. */
async function requireAccess({ options, refuse }: Serving, cwd: string) {
  const loaded = await settingsAt(cwd, options).catch((thrown: unknown) => {
    throw refuse(codes.internal, messageForPerson(thrown), { reason: "settings" });
  });
  try {
    requireKey(loaded.settings, loaded.sources);
  } catch (thrown) {
    if (!(thrown instanceof SettingsError)) throw thrown;
    throw refuse(codes.authRequired, thrown.message);
  }
  return loaded;
}

/** Throws for a folder that no run can have as its workspace, before anything is written there. */
async function folderFor(cwd: string, refuse: Refuse): Promise<string> {
  const found = isAbsolute(cwd) ? await stat(cwd).catch(() => null) : null;
  if (found?.isDirectory() !== true)
    throw refuse(
      codes.invalidParams,
      `The session's folder ${JSON.stringify(cwd.slice(0, 300))} is not there, or no absolute path.`,
    );
  return realpath(cwd);
}

async function openSession(serving: Serving, client: Client, id: string, wanted: Wanted): Promise<Session> {
  const { options, sessions, refuse, capabilities } = serving;
  const real = await folderFor(wanted.cwd, refuse);
  const { cwd } = wanted;
  const loaded = await requireAccess(serving, cwd);
  if (loaded.sources.workspaceDirectory.kind === "default") {
    try {
      refuseTooMuch(real);
    } catch (thrown) {
      throw refuse(codes.invalidParams, messageForPerson(thrown));
    }
  }
  const { flags, environment, gone } = options;
  const servers = writtenServers(wanted.mcpServers ?? [], cwd, (text) => refuse(codes.invalidParams, text));
  const { continuous } = loaded.settings;
  const session = createSession({
    id,
    cwd,
    client,
    gone,
    capabilities,
    refuse,
    flags,
    environment,
    servers,
    continuous,
  });
  sessions.set(id, session);
  return session;
}

async function storedSession(serving: Serving, client: Client, id: string, wanted: Wanted) {
  const { sessions, refuse, options } = serving;
  const known = sessions.get(id);
  const { settings } = await settingsAt(await folderFor(wanted.cwd, refuse), options);
  const runs = await runsOfSession(settings.home, id);
  if (runs.length === 0)
    throw refuse(codes.notFound, `There is no session ${JSON.stringify(id.slice(0, 100))} in ${settings.home}.`);
  return { runs, session: known ?? (await openSession(serving, client, id, wanted)) };
}

async function list({ options, refuse }: Serving, cwd: string | null, cursor: string | null) {
  const { settings } = await settingsAt(cwd === null ? options.cwd : await folderFor(cwd, refuse), options);
  const others = cwd === null ? await knownHomes(homesFile(options.environment)) : [];
  const page = await listSessions([settings.home, ...others], { cwd, cursor });
  if (page !== null) return page;
  throw refuse(codes.invalidParams, `There is no page ${JSON.stringify(cursor?.slice(0, 100))} of sessions.`);
}
