import { realpath, stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import type { ListSessionsResponse, SessionInfo } from "@agentclientprotocol/sdk";
import { isObject } from "../base/json.js";
import { firstEvent } from "../history/listing/first-event.js";
import { journalFile } from "../history/run-log.js";
import { inOrder, runDirectory, runNames } from "../history/runs.js";
import { titleOf } from "./prompt-text.js";

/** A run of a session, as the first line of its journal tells it. */
export type StoredRun = { home: string; run: string; session: string; cwd: string; title: string };

/** The runs of a home, in the order in which they began; a run that no editor has started is a session of its own. */
async function storedRuns(home: string): Promise<StoredRun[]> {
  const found = await Promise.all(inOrder(runNames(home)).map((run) => storedRun(home, run).catch(() => null)));
  return found.filter((one) => one !== null);
}

async function storedRun(home: string, run: string): Promise<StoredRun | null> {
  const first = await firstEvent(journalFile(runDirectory(home, run)));
  if (first?.["type"] !== "run-start") return null;
  const session = isObject(first["session"]) ? first["session"] : {};
  const text = (value: unknown, other: string): string => (typeof value === "string" ? value : other);
  const [goal] = Array.isArray(first["goals"]) ? (first["goals"] as unknown[]) : [];
  const folder = basename(home) === ".autogpt" ? dirname(home) : text(first["workspace"], home);
  return {
    ...{ home, run, session: text(session["id"], run), cwd: text(session["cwd"], folder) },
    title: titleOf(text(isObject(goal) ? goal["goal"] : goal, text(first["aiName"], run))),
  };
}

/** The runs of a session, in their order: the last one is what goes on. */
export const runsOfSession = async (home: string, id: string): Promise<StoredRun[]> =>
  (await storedRuns(home)).filter(({ session }) => session === id);

/** A folder, by whatever path it is named; one that is gone is known by its path. */
const realFolder = (path: string): Promise<string> => realpath(path).catch(() => resolve(path));

const pageSize = 50;

/** The sessions of these homes, the newest first, a page at a time; null for a cursor that is none. `cwd`: of this folder alone. */
export async function listSessions(
  homes: readonly string[],
  { cwd, cursor }: { cwd: string | null; cursor: string | null },
): Promise<ListSessionsResponse | null> {
  if (cursor !== null && !/^\d{1,9}$/.test(cursor)) return null;
  const runs = (await Promise.all([...new Set(homes)].map(storedRuns))).flat();
  const wanted = cwd === null ? null : await realFolder(cwd);
  const sessions = new Map<string, SessionInfo>();
  for (const { home, run, session, cwd: folder, title } of runs) {
    if (wanted !== null && (await realFolder(folder)) !== wanted) continue;
    const { mtime } = await stat(journalFile(runDirectory(home, run)));
    const known = sessions.get(session);
    const before = known?.updatedAt ?? "";
    const updatedAt = mtime.toISOString() > before ? mtime.toISOString() : before;
    sessions.set(session, { sessionId: session, cwd: folder, title: known?.title ?? title, updatedAt });
  }
  const sorted = [...sessions.values()].sort((one, other) =>
    (other.updatedAt ?? "").localeCompare(one.updatedAt ?? ""),
  );
  const from = Number(cursor ?? 0);
  const to = from + pageSize;
  return { sessions: sorted.slice(from, to), ...(to < sorted.length && { nextCursor: String(to) }) };
}
