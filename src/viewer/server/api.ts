import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { parseJson } from "../../base/json.js";
import { maskOfForeign, type Mask } from "../../base/mask.js";
import { SettingsError } from "../../errors.js";
import { runFolders } from "../../history/runs.js";
import { followRun, type FollowedRun } from "../run/follow-run.js";
import { searchRun } from "../run/search-run.js";
import { createDetails } from "../run/step-detail.js";
import type { Update } from "../shapes.js";
import { actions } from "./actions.js";
import { createRunList } from "./list-runs.js";
import type { ViewerOptions } from "../viewer-options.js";

/** The largest body that is read, and how often a silent stream says that it is still there. */
const mostBytes = 1 << 20;
const aliveMs = 10_000;
/** So many runs are kept in memory that nobody watches. */
const mostFollowed = 4;

/** What the page asks for behind /api/; whoever asks has been looked at before. */
export interface Api {
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): void;
}

type Asked = { response: ServerResponse; home: string; run: string; query: URLSearchParams };

export function createApi(options: ViewerOptions): Api {
  const { home: own, otherHomes = [], mask, words } = options;
  // A journal may hold what became a secret since it was written.
  const masked = maskOfForeign(mask);
  const streams = new Set<() => void>();
  const homes = [own, ...otherHomes];
  const list = createRunList(homes, words);
  const followedRun = keptRuns(words);
  // They are read before the browser is there.
  for (const run of options.runs) void followedRun(own, run).look();
  const readings = readingsOf({ masked, streams, followedRun });
  return {
    async answer(request, response) {
      const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://127.0.0.1");
      if (pathname === "/api/runs" && request.method === "GET") return sendJson(response, masked(await list()));
      const { run, what } = runIn(pathname);
      const home = await homeOf(run, homes);
      if (home === null) return notFound(response, "There is no such run, or it is gone.");
      const read = request.method === "GET" ? readings.get(what) : undefined;
      if (read) return read({ response, home, run, query });
      const act = request.method === "POST" ? actions.get(what) : undefined;
      if (!act) return notFound(response);
      sendJson(response, { message: await act({ home, run, mask }, await bodyOf(request)) });
    },
    close() {
      for (const end of streams) end();
    },
  };
}

/** What an address behind /api/runs/ names. */
function runIn(pathname: string): { run: string; what: string } {
  const [, run = "", what = ""] = /^\/api\/runs\/([^/]+)\/(\w+)$/.exec(pathname) ?? [];
  try {
    return { run: decodeURIComponent(run), what };
  } catch {
    return { run: "", what };
  }
}

/** The first of these homes that has such a run. A name from outside is a path only if there is one. */
async function homeOf(run: string, homes: readonly string[]): Promise<string | null> {
  if (run === "") return null;
  for (const home of homes) if ((await runFolders(home)).includes(run)) return home;
  return null;
}

/** Keeps what was read of the runs that were asked for last, and of those that are watched. */
function keptRuns(words: ViewerOptions["words"]): (home: string, run: string) => FollowedRun {
  const kept = new Map<string, FollowedRun>();
  return (home, run) => {
    const key = join(home, run);
    const known = kept.get(key) ?? followRun(home, run, words);
    // The one that was asked for last is the last one here.
    kept.delete(key);
    kept.set(key, known);
    for (const [name, one] of kept) if (kept.size > mostFollowed && !one.isWatched()) kept.delete(name);
    return known;
  };
}

type Reading = (asked: Asked) => Promise<void>;
type Readers = {
  masked: Mask;
  streams: Set<() => void>;
  followedRun(home: string, run: string): FollowedRun;
};

/** What can be read of a run. */
function readingsOf({ masked, streams, followedRun }: Readers): ReadonlyMap<string, Reading> {
  /** The run, once all that its journal holds now has been read. */
  const read = async ({ home, run }: Asked): Promise<FollowedRun> => {
    const known = followedRun(home, run);
    await known.look();
    return known;
  };
  const follows: Reading = async ({ home, run, response }) => {
    streams.add(stream(followedRun(home, run), response, masked, (end) => streams.delete(end)));
    return Promise.resolve();
  };
  const details = new WeakMap<FollowedRun, ReturnType<typeof createDetails>>();
  const step: Reading = async (asked) => {
    const followed = await read(asked);
    const detailOf =
      details.get(followed) ??
      createDetails((number) => followed.eventsOf({ step: number }), { home: asked.home, run: asked.run });
    details.set(followed, detailOf);
    sendJson(asked.response, masked(await detailOf(Number(asked.query.get("n")))));
  };
  const agent: Reading = async (asked) =>
    sendJson(asked.response, masked(await (await read(asked)).eventsOf({ agent: asked.query.get("key") ?? "" })));
  const search: Reading = async (asked) =>
    sendJson(asked.response, masked(await searchRun((await read(asked)).file, asked.query.get("text") ?? "")));
  return new Map([
    ["follow", follows],
    ["step", step],
    ["agent", agent],
    ["search", search],
  ]);
}

/** Sends what becomes known of a run, a JSON line each, until the page has gone. Returns what ends it. */
function stream(
  run: FollowedRun,
  response: ServerResponse,
  masked: Mask,
  ended: (end: () => void) => void,
): () => void {
  response.writeHead(200, { "content-type": "application/x-ndjson; charset=utf-8" });
  const send = (update: Update): void => void response.write(`${JSON.stringify(masked(update))}\n`);
  const stop = run.watch(send);
  const timer = setInterval(() => send({ kind: "alive" }), aliveMs);
  const end = (): void => {
    clearInterval(timer);
    stop();
    ended(end);
    response.end();
  };
  response.on("close", end);
  return end;
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(value));
}

function notFound(response: ServerResponse, message = "There is no such thing here."): void {
  response.writeHead(404, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify({ message }));
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  if (!/^application\/json\b/.test(request.headers["content-type"] ?? ""))
    throw new SettingsError("JSON was expected.");
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) throw new SettingsError("This is too long.");
    chunks.push(chunk);
  }
  return parseJson(Buffer.concat(chunks).toString("utf8"));
}
