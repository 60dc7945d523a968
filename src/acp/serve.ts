import { randomUUID } from "node:crypto";
import { Readable, Writable } from "node:stream";
import type { ContentBlock, InitializeResponse } from "@agentclientprotocol/sdk";
import { onAbort } from "../base/abort.js";
import { codeOf } from "../base/system-error.js";
import { commandLine } from "../base/process/command-line.js";
import { messageOf, ParkedError, RunError } from "../errors.js";
import { inOrder } from "./in-order.js";
import {
  list,
  openSession,
  requireAccess,
  storedSession,
  type AcpOptions,
  type Serving,
  type ServingOptions,
} from "./open-session.js";
import { asRefusal, codes, loadSdk, refusing, type Refuse, type Sdk } from "./protocol.js";
import { replay } from "./replay.js";
import type { Session } from "./session.js";

/**
 * `autogpt acp`: speaks the Agent Client Protocol until the editor has gone, and starts the runs that it asks for. Resolves to the
 * exit code: 75 where a run was parked because of that.
 */
export async function serveAcp(options: AcpOptions): Promise<number> {
  const sdk = await loadSdk();
  const sessions = new Map<string, Session>();
  const gone = new AbortController();
  const { readable, writable } = sdk.ndJsonStream(
    Writable.toWeb(options.output),
    Readable.toWeb(options.input) as ReadableStream<Uint8Array>,
  );
  const app = agentOf(sdk, { ...options, gone: gone.signal }, sessions);
  const connection = app.connect({ readable: inOrder(readable), writable });
  const reason = await new Promise<RunError>((resolve) => {
    const left = (): void => resolve(editorGone());
    void connection.closed.then(() => {
      const why: unknown = connection.signal.reason;
      if (why instanceof Error && !isOrdinaryEnd(why))
        options.say(`The line to the editor has broken: ${messageOf(why)}.`);
      left();
    });
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

/** The end of input, which is an error without a code, and an output that nobody reads any more. */
const isOrdinaryEnd = (why: Error): boolean => why.name === "Error" && [undefined, "EPIPE"].includes(codeOf(why));

const reasonOf = ({ reason }: AbortSignal): RunError =>
  reason instanceof RunError ? reason : new RunError("interrupted", "Interrupted.");

const editorGone = (): ParkedError =>
  new ParkedError(
    "The editor has gone, so nobody watches this run any more. It goes on with the session's next prompt.",
  );

function agentOf(sdk: Sdk, options: ServingOptions, sessions: Map<string, Session>) {
  const { agent } = sdk.methods;
  const serving: Serving = { options, sessions, refuse: refusing(sdk), capabilities: {} };
  const answering = answeringBy(serving.refuse);
  const app = sdk
    .agent({ name: "autogpt" })
    .onRequest(agent.initialize, ({ params }) => {
      serving.capabilities = params.clientCapabilities ?? {};
      return introduction(sdk, options.version);
    })
    .onRequest(
      agent.authenticate,
      answering(() => requireAccess(serving, options.cwd).then(() => ({}))),
    )
    .onNotification(agent.session.cancel, ({ params }) => sessions.get(params.sessionId)?.cancel())
    .onRequest(
      agent.session.prompt,
      answering(({ params, signal }) =>
        prompted(openOf(serving, params.sessionId), params.prompt, (reason) => isCancelled(sdk, reason), signal),
      ),
    );
  return withSessions(app, serving, sdk);
}

/** Adds what opens, lists, sets and closes sessions. */
function withSessions(app: ReturnType<Sdk["agent"]>, serving: Serving, { methods }: Sdk) {
  const { session: of } = methods.agent;
  const answering = answeringBy(serving.refuse);
  return app
    .onRequest(
      of.new,
      answering(async ({ params, client }) => {
        const session = await openSession(serving, client, randomUUID(), params);
        return { sessionId: session.id, modes: session.modes() };
      }),
    )
    .onRequest(
      of.load,
      answering(async ({ params, client }) => {
        const { session, runs } = await storedSession(serving, client, params.sessionId, params);
        await replay(runs, session);
        return { modes: session.modes() };
      }),
    )
    .onRequest(
      of.resume,
      answering(async ({ params, client }) => {
        const { session } = await storedSession(serving, client, params.sessionId, params);
        return { modes: session.modes() };
      }),
    )
    .onRequest(
      of.list,
      answering(({ params }) => list(serving, params.cwd ?? null, params.cursor ?? null)),
    )
    .onRequest(of.close, async ({ params }) => {
      const session = openOf(serving, params.sessionId);
      // From here on no prompt finds it: a run that began meanwhile would be nobody's to stop.
      serving.sessions.delete(session.id);
      session.cancel();
      await session.park(editorGone());
      return {};
    })
    .onRequest(of.setMode, async ({ params }) => {
      await openOf(serving, params.sessionId).setMode(params.modeId);
      return {};
    });
}

function openOf({ sessions, refuse }: Serving, id: string): Session {
  const session = sessions.get(id);
  if (session !== undefined) return session;
  throw refuse(codes.notFound, `There is no session ${JSON.stringify(id.slice(0, 100))} here: open it first.`);
}

/** An answer to a request that is a refusal, with a sentence, where it fails for a reason that a person can do something about. */
const answeringBy =
  (refuse: Refuse) =>
  <Context, Answer>(answer: (context: Context) => Answer | Promise<Answer>) =>
  async (context: Context): Promise<Answer> => {
    try {
      return await answer(context);
    } catch (thrown) {
      throw asRefusal(thrown, refuse);
    }
  };

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
