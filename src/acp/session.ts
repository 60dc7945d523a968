import type { ContentBlock, SessionModeState } from "@agentclientprotocol/sdk";
import type { SetTimer } from "../base/abort.js";
import { createMask, type Mask } from "../base/mask.js";
import { ParkedError, RunError } from "../errors.js";
import type { RunEnd } from "../history/events.js";
import { tellRun } from "../history/questions/messages.js";
import { runDirectory } from "../history/runs.js";
import type { WrittenServers } from "../mcp/config.js";
import { loadSettings, type LoadedSettings } from "../settings/load.js";
import type { Settings } from "../settings/schema.js";
import { beginningFor, isLeftUnheard, type Beginning } from "./beginning.js";
import { isFailure, stopReasonOf } from "./shown/end-text.js";
import { saidIn, titleOf, wholeText, type Said } from "./prompt-text.js";
import { codes, masked, type Client, type ClientCapabilities, type Refuse, type StopReason } from "./protocol.js";
import { startTurn, type Turn } from "./turn.js";
import { modeNamed, modes, warning } from "./modes.js";
import { message } from "./shown/updates.js";

export type SessionOptions = {
  id: string;
  cwd: string;
  client: Client;
  /** Is aborted when nobody reads any more what is said. */
  gone: AbortSignal;
  timer?: SetTimer | undefined;
  capabilities: ClientCapabilities;
  refuse: Refuse;
  /** Settings of the command line. */
  flags: Partial<Settings>;
  environment: Readonly<Record<string, string | undefined>>;
  servers: WrittenServers | undefined;
  /** The settings that it was opened with. */
  loaded: LoadedSettings;
};

/** A conversation with an editor: one run at a time, and runs that go on from it. */
export interface Session {
  readonly id: string;
  readonly cwd: string;
  /** Whoever shows it; no secret is sent there. */
  readonly client: Client;
  /** Resolves to why the turn ended. A prompt that comes meanwhile is said to the run, and ends with it. */
  prompt(blocks: readonly ContentBlock[]): Promise<StopReason>;
  /** Ends what goes on; its prompt is answered with `cancelled`, and the next one goes on with the run. */
  cancel(): void;
  /** Ends what goes on for now, since nobody is there any more; resolves to whether anything did. */
  park(reason: RunError): Promise<boolean>;
  modes(): SessionModeState;
  setMode(mode: string): Promise<void>;
  /** What of its commands the editor has been told of. */
  readonly announced: Set<string>;
}

/** The settings of a folder as a session there has them. Its workspace is the folder itself, unless the user named another. */
export async function settingsAt(
  cwd: string,
  { flags, environment }: Pick<SessionOptions, "flags" | "environment">,
): Promise<LoadedSettings> {
  return loadSettings({ flags, cwd, environment });
}

const workspaceOf = ({ settings, sources }: LoadedSettings, cwd: string): string =>
  sources.workspaceDirectory.kind === "default" ? cwd : settings.workspaceDirectory;

export function createSession(given: SessionOptions): Session {
  const { id, cwd, refuse, loaded } = given;
  let mask: Mask = createMask(loaded.secrets);
  const client = masked(given.client, (value) => mask(value));
  const options: MaskedOptions = { ...given, client, knows: (secrets) => (mask = createMask(secrets)) };
  const announced = new Set<string>();
  let mode = loaded.settings.continuous ? "continuous" : "ask";
  // Whoever chooses the mode is warned then.
  let warned = mode !== "continuous";
  let going: Going | null = null;
  return {
    ...{ id, cwd, client, announced },
    async prompt(blocks) {
      const said = saidIn(blocks, (text) => refuse(codes.invalidParams, text));
      if (going !== null) {
        await going.hear(wholeText(said));
        return going.ended;
      }
      const own = (going = createGoing());
      if (announced.size === 0) await nameSession(options, said);
      if (!warned) await notify(options, warning).catch(() => undefined);
      warned = true;
      const work = answered({ options, own, announced, mode }, said);
      own.follow(work.finally(() => (going = null)));
      return own.ended;
    },
    cancel: () =>
      going?.stop(new RunError("interrupted", "Cancelled in the editor. The next prompt goes on from here.")),
    async park(reason) {
      const own = going;
      own?.stop(reason);
      await own?.ended.catch(() => undefined);
      return own !== null;
    },
    modes: () => ({ currentModeId: mode, availableModes: modes }),
    async setMode(wanted) {
      mode = modeNamed(wanted, refuse);
      const update = { sessionUpdate: "current_mode_update", currentModeId: mode } as const;
      await client.notify("session/update", { sessionId: id, update });
      if (mode === "continuous") await notify(options, warning);
    },
  };
}

type MaskedOptions = SessionOptions & {
  /** From now on these are the secrets that nobody is sent. */
  knows(secrets: readonly string[]): void;
};

/** A prompt, carried out: why its turn ended. */
async function answered(answering: Answering, said: Said): Promise<StopReason> {
  const { options, own } = answering;
  const { id, cwd, refuse } = options;
  try {
    const loaded = await settingsAt(cwd, options);
    options.knows(loaded.secrets);
    const beginning = await beginningFor(id, said, loaded.settings);
    if (beginning.kind === "elsewhere") return await tellElsewhere(beginning.run, said, loaded, options);
    const end = await carryOn(beginning, { ...answering, loaded });
    if (own.isCancelled) return "cancelled";
    if (isFailure(end.reason)) throw refuse(codes.internal, end.message ?? end.reason, { reason: end.reason });
    return stopReasonOf(end.reason);
  } catch (thrown) {
    if (own.isCancelled) return "cancelled";
    throw thrown;
  }
}

/** What answers the prompt that is open: one run, or several where the person said something at the end of one. */
type Going = {
  readonly ended: Promise<StopReason>;
  follow(work: Promise<StopReason>): void;
  hear(text: string): Promise<void>;
  stop(reason: RunError): void;
  /** The turn that goes on now. What was said before it, it is told; what was to stop it does. */
  enter(turn: Turn): Promise<void>;
  readonly isCancelled: boolean;
  readonly stopped: RunError | null;
};

function createGoing(): Going {
  let turn: Turn | null = null;
  let stopped: RunError | null = null;
  const early: string[] = [];
  let settle: (work: Promise<StopReason>) => void;
  const ended = new Promise<StopReason>((resolve) => (settle = resolve));
  return {
    ended,
    follow: (work) => settle(work),
    async hear(text) {
      if (turn === null) early.push(text);
      else await turn.hear(text);
    },
    stop(reason) {
      stopped ??= reason;
      turn?.stop(stopped);
    },
    async enter(given) {
      turn = given;
      if (stopped !== null) given.stop(stopped);
      for (const text of early.splice(0)) await given.hear(text);
    },
    get isCancelled() {
      return stopped !== null && !(stopped instanceof ParkedError);
    },
    get stopped() {
      return stopped;
    },
  };
}

type Answering = { options: MaskedOptions; own: Going; announced: Set<string>; mode: string };
type Carrying = Answering & { loaded: LoadedSettings };

/** Runs what a prompt sets going; what the person said too late for one run to hear it, sets the next one going. */
async function carryOn(first: Extract<Beginning, { kind: "run" }>, carrying: Carrying): Promise<RunEnd> {
  const { options, loaded, own, announced, mode } = carrying;
  const { id, cwd, flags, environment, servers } = options;
  const mask = createMask(loaded.secrets);
  const isContinuous = mode === "continuous";
  let beginning = first;
  for (;;) {
    const workspace = beginning.workspace ?? workspaceOf(loaded, cwd);
    const isNew = beginning.workspace === null && loaded.sources.workspaceDirectory.kind === "default";
    // A run that is made from another one has its workspace.
    const { workspaceDirectory: named, ...others } = flags;
    const isFork = beginning.run.settings?.fork !== undefined;
    const turn = startTurn({
      ...options,
      ...{ sessionId: id, home: loaded.settings.home, workspace, mask, announced },
      run: { ...beginning.run, ...(isNew && { workspace: cwd }) },
      own: {
        flags: {
          ...others,
          ...(named !== undefined && !isFork && { workspaceDirectory: named }),
          continuous: isContinuous,
        },
        environment,
        session: { id, cwd },
        ...(servers && { givenServers: servers }),
      },
    });
    await own.enter(turn);
    const end = await turn.ended;
    if (end.reason !== "task-complete" || end.run === null || own.stopped !== null) return end;
    if (!(await isLeftUnheard(loaded.settings.home, end.run))) return end;
    const again = await beginningFor(id, { words: "", attached: "" }, loaded.settings);
    if (again.kind !== "run") return end;
    beginning = again;
  }
}

async function tellElsewhere(
  run: string,
  said: Said,
  { settings, secrets }: LoadedSettings,
  options: SessionOptions,
): Promise<StopReason> {
  await tellRun(runDirectory(settings.home, run), createMask(secrets)(wholeText(said)), new Date());
  await notify(
    options,
    `The run ${run} goes on in another process, which asks there what it has to ask. It has been told what you said.`,
  );
  return "end_turn";
}

async function notify({ client, id }: SessionOptions, text: string): Promise<void> {
  for (const update of message(text)) await client.notify("session/update", { sessionId: id, update });
}

const nameSession = ({ client, id }: SessionOptions, { words }: Said): Promise<void> =>
  client
    .notify("session/update", {
      sessionId: id,
      update: { sessionUpdate: "session_info_update", title: titleOf(words), updatedAt: new Date().toISOString() },
    })
    .catch(() => undefined);
