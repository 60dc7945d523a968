import { realpath, stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { McpServer } from "@agentclientprotocol/sdk";
import type { SetTimer } from "../base/abort.js";
import { messageForPerson, SettingsError } from "../errors.js";
import { knownHomes } from "../history/listing/known-homes.js";
import { refuseTooMuch } from "../protection/too-much.js";
import { homesFile } from "../settings/environment/trust-file.js";
import { requireKey } from "../settings/require-key.js";
import type { Settings } from "../settings/schema.js";
import { codes, type Client, type ClientCapabilities, type Refuse } from "./protocol.js";
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
  /** Says something to whoever reads what the editor does not show. */
  say(text: string): void;
  /** Ends all sessions when it is aborted, with a RunError as its reason. */
  signal: AbortSignal;
  /** The clock by which it is noticed that an editor reads no more, the system's unless told. */
  timer?: SetTimer;
};

export type ServingOptions = AcpOptions & {
  /** Is aborted when nobody reads any more what is said. */
  gone: AbortSignal;
};

type Wanted = { cwd: string; mcpServers?: readonly McpServer[] | undefined };

/** What a connection's requests share. */
export type Serving = {
  options: ServingOptions;
  sessions: Map<string, Session>;
  refuse: Refuse;
  /** What the editor can do, as it said in the beginning. */
  capabilities: ClientCapabilities;
};

/** Refuses with auth_required where there is no key for the model's server, and says what to do. */
export async function requireAccess({ options, refuse }: Serving, cwd: string) {
  const loaded = await settingsAt(cwd, options);
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

/** Opens a session of this id in a folder. Throws a refusal where no run can be there, or RunError. */
export async function openSession(serving: Serving, client: Client, id: string, wanted: Wanted): Promise<Session> {
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
  const { flags, environment, gone, timer } = options;
  const servers = writtenServers(wanted.mcpServers ?? [], cwd, (text) => refuse(codes.invalidParams, text));
  // Of two requests for a session that come together, both are answered by the same: it has one run at a time.
  const known = sessions.get(id);
  if (known !== undefined) return known;
  const session = createSession({
    ...{ id, cwd, client, gone, timer, capabilities, refuse, flags, environment, servers, loaded },
  });
  sessions.set(id, session);
  return session;
}

/** A session that has runs in a folder, opened where it is not yet. Throws a refusal, or RunError. */
export async function storedSession(serving: Serving, client: Client, id: string, wanted: Wanted) {
  const { sessions, refuse, options } = serving;
  const known = sessions.get(id);
  const { settings } = await settingsAt(await folderFor(wanted.cwd, refuse), options);
  const runs = await runsOfSession(settings.home, id);
  if (runs.length === 0)
    throw refuse(codes.notFound, `There is no session ${JSON.stringify(id.slice(0, 100))} in ${settings.home}.`);
  return { runs, session: known ?? (await openSession(serving, client, id, wanted)) };
}

/** A page of the sessions of a folder, or of all that are known. Throws a refusal, or RunError. */
export async function list({ options, refuse }: Serving, cwd: string | null, cursor: string | null) {
  const { settings } = await settingsAt(cwd === null ? options.cwd : await folderFor(cwd, refuse), options);
  const others = cwd === null ? await knownHomes(homesFile(options.environment)) : [];
  const page = await listSessions([settings.home, ...others], { cwd, cursor });
  if (page !== null) return page;
  throw refuse(codes.invalidParams, `There is no page ${JSON.stringify(cursor?.slice(0, 100))} of sessions.`);
}
