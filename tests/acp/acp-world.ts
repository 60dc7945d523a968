import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough, Readable, Writable } from "node:stream";
import type { TestContext } from "node:test";
import * as acp from "@agentclientprotocol/sdk";
import type { SetTimer } from "../../src/base/abort.js";
import { serveAcp } from "../../src/acp/serve.js";
import type { JournalEvent } from "../../src/history/events.js";
import type { Settings } from "../../src/settings/schema.js";
import { journalOf, temporaryFolder, writeAi, type AiFile } from "../support/program.js";
import { startFakeOpenAi, type FakeOpenAi, type Script } from "../support/services/fake-open-ai.js";
import { createLineCheck } from "./schema.js";

export type Permission = acp.RequestPermissionRequest;
/** The option that is chosen; null: no answer ever. */
export type Answering = (request: Permission) => string | null | Promise<string | null>;

/** An editor, as this test plays it. */
export type Editor = {
  agent: acp.ClientContext;
  updates: acp.SessionUpdate[];
  permissions: Permission[];
  elicitations: unknown[];
  /** All the text of updates of this kind. */
  text(kind: acp.SessionUpdate["sessionUpdate"]): string;
  /** Resolves once an update, or a request, is there that fits. */
  sees(fits: () => boolean): Promise<void>;
  /** A session in the world's folder. */
  open(more?: Partial<acp.NewSessionRequest>): Promise<string>;
  prompt(sessionId: string, text: string | acp.ContentBlock[]): Promise<acp.PromptResponse>;
  cancel(sessionId: string): Promise<void>;
  /** Goes away; resolves to the exit code. */
  leave(): Promise<number>;
  exit: Promise<number>;
};

export type EditorOptions = {
  answer?: Answering;
  capabilities?: acp.ClientCapabilities;
  flags?: Partial<Settings>;
  env?: Record<string, string>;
  elicit?: (request: acp.CreateElicitationRequest) => acp.CreateElicitationResponse;
  /** The editor knows no requests for permission. */
  cannotAsk?: boolean;
  /** Hears what is said beside the protocol. */
  say?: (text: string) => void;
  /** Whether the other end of what the program writes to is closed: nothing tells of that before the next write. */
  readsNoMore?: () => boolean;
  timer?: SetTimer;
  /** Hears each line as it comes. */
  hear?: (line: string) => void;
};

export type AcpWorld = {
  folder: string;
  server: FakeOpenAi;
  environment: Record<string, string>;
  editor(options?: EditorOptions): Promise<Editor>;
  journal(): Promise<JournalEvent[]>;
};

export async function acpWorld(t: TestContext, chat: Script, ai: AiFile | null = null): Promise<AcpWorld> {
  const place = await temporaryFolder(t);
  const [folder, home] = [join(place, "project"), join(place, "home")];
  await mkdir(folder);
  await mkdir(home);
  if (ai !== null) await writeAi(folder, ai);
  const server = await startFakeOpenAi({ chat });
  t.after(() => server.close());
  const environment = {
    ...{ PATH: process.env["PATH"] ?? "", HOME: home, OPENAI_API_BASE_URL: server.url },
    ...{ MEMORY_BACKEND: "no_memory", OPENAI_RETRIES: "1" },
  };
  return {
    folder,
    server,
    environment,
    journal: () => journalOf(folder),
    async editor(options = {}) {
      const { readsNoMore = () => false, timer } = options;
      const [input, heard] = [new PassThrough(), new PassThrough()];
      const output = new Writable({
        write(piece, encoding, done) {
          if (readsNoMore()) done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
          else heard.write(piece, encoding, done);
        },
      });
      const ended = new AbortController();
      const exit = serveAcp({
        ...{ version: "test", cwd: folder, input, output, signal: ended.signal, flags: options.flags ?? {} },
        environment: { ...environment, ...options.env },
        say: options.say ?? (() => undefined),
        ...(timer && { timer }),
      });
      void exit.finally(() => heard.end());
      const editor = await connect(t, { input, output: heard, exit, folder }, options);
      t.after(() => editor.leave());
      return editor;
    },
  };
}

/** A session in which the person says this while the model is at its first reply; `told` is that prompt's answer, once it was sent. */
export async function sessionToldInThought(
  t: TestContext,
  { text, replyAt, options }: { text: string; replyAt(index: number): string; options: EditorOptions },
): Promise<{ world: AcpWorld; editor: Editor; session: string; told(): Promise<unknown> }> {
  let editor = null as unknown as Editor;
  let session = "";
  let second: Promise<unknown> = Promise.resolve();
  const world = await acpWorld(t, async (_request, index) => {
    if (index === 0) {
      second = editor.prompt(session, text);
      // Whatever is sent behind it is looked at behind it.
      await editor.agent.request("session/list", {});
    }
    return replyAt(index);
  });
  editor = await world.editor(options);
  session = await editor.open();
  return { world, editor, session, told: () => second };
}

/** Whether an error is one of this code, as the protocol has it. */
export const codeOf =
  (code: number) =>
  (error: unknown): boolean =>
    error instanceof acp.RequestError && error.code === code;

/** The paths of the diffs that the editor was shown behind commands. */
export const textsOf = ({ updates }: Editor, type: "diff"): string[] =>
  updates.flatMap((one) =>
    one.sessionUpdate === "tool_call_update"
      ? (one.content ?? []).flatMap((content) => (content.type === type ? [content.path] : []))
      : [],
  );

type Line = { input: Writable; output: Readable; exit: Promise<number>; folder: string };

/** An editor at a line to our program, which looks at everything that goes over it. */
export async function connect(
  t: TestContext,
  { input, output, exit, folder }: Line,
  {
    answer = ({ options: [first] }) => first?.optionId ?? null,
    capabilities = {},
    elicit,
    cannotAsk = false,
    hear,
  }: EditorOptions,
): Promise<Editor> {
  const check = createLineCheck();
  const changes = new PassThrough({ objectMode: true });
  const updates: acp.SessionUpdate[] = [];
  const permissions: Permission[] = [];
  const elicitations: unknown[] = [];
  const changed = (): boolean => changes.emit("changed");
  changes.setMaxListeners(0);
  const [toUs, fromUs] = [new PassThrough(), new PassThrough()];
  createInterface({ input: toUs }).on("line", (line) => {
    check.sent(line);
    input.write(`${line}\n`);
  });
  const wrong: unknown[] = [];
  createInterface({ input: output })
    .on("line", (line) => {
      hear?.(line);
      try {
        check.received(line);
      } catch (thrown) {
        wrong.push(thrown);
      }
      fromUs.write(`${line}\n`);
    })
    .on("close", () => fromUs.end());
  t.after(() => {
    if (wrong.length > 0) throw wrong[0];
  });
  const app = acp.client({ name: "test" }).onNotification(acp.methods.client.session.update, ({ params }) => {
    updates.push(params.update);
    changed();
  });
  if (!cannotAsk)
    app.onRequest(acp.methods.client.session.requestPermission, async ({ params, signal }) => {
      permissions.push(params);
      changed();
      const optionId = await answer(params);
      if (optionId !== null) return { outcome: { outcome: "selected", optionId } };
      if (!signal.aborted) await once(signal, "abort");
      return { outcome: { outcome: "cancelled" } };
    });
  if (elicit)
    app.onRequest(acp.methods.client.elicitation.create, ({ params }) => {
      elicitations.push(params);
      return elicit(params);
    });
  const { agent } = app.connect(
    acp.ndJsonStream(Writable.toWeb(toUs), Readable.toWeb(fromUs) as ReadableStream<Uint8Array>),
  );
  await agent.request("initialize", { protocolVersion: 1, clientCapabilities: capabilities });
  return {
    ...{ agent, updates, permissions, elicitations, exit },
    text: (kind) =>
      updates.flatMap((one) => (one.sessionUpdate === kind && "content" in one ? [textOf(one.content)] : [])).join(""),
    async sees(fits) {
      while (!fits()) await once(changes, "changed");
    },
    async open(more = {}) {
      return (await agent.request("session/new", { cwd: folder, mcpServers: [], ...more })).sessionId;
    },
    prompt: (sessionId, text) =>
      agent.request("session/prompt", {
        sessionId,
        prompt: typeof text === "string" ? [{ type: "text", text }] : text,
      }),
    cancel: (sessionId) => agent.notify("session/cancel", { sessionId }),
    leave() {
      input.end();
      return exit;
    },
  };
}

const textOf = (content: unknown): string =>
  typeof content === "object" && content !== null && "text" in content ? String(content.text) : "";
