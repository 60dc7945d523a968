import type { IncomingMessage, ServerResponse } from "node:http";
import { parseJson } from "../../base/json.js";
import { SettingsError } from "../../errors.js";
import { runNames } from "../../history/runs.js";
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

type Asked = { response: ServerResponse; run: string; query: URLSearchParams };

export function createApi(options: Pick<ViewerOptions, "home" | "runs" | "mask" | "words">): Api {
  const { home, mask, words } = options;
  const followed = new Map<string, FollowedRun>();
  const streams = new Set<() => void>();
  const list = createRunList(home, words);
  const followedRun = (run: string): FollowedRun => {
    const known = followed.get(run) ?? followRun(home, run, words);
    // The one that was asked for last is the last one here.
    followed.delete(run);
    followed.set(run, known);
    for (const [name, one] of followed) if (followed.size > mostFollowed && !one.isWatched()) followed.delete(name);
    return known;
  };
  const follow = async (run: string): Promise<FollowedRun> => {
    const known = followedRun(run);
    await known.look();
    return known;
  };
  // They are read before the browser is there.
  for (const run of options.runs) void follow(run).catch(() => undefined);
  const readings = readingsOf({ home, mask, streams, follow, followedRun });
  return {
    async answer(request, response) {
      const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://127.0.0.1");
      if (pathname === "/api/runs" && request.method === "GET") return sendJson(response, await list());
      const [, run = "", what = ""] = /^\/api\/runs\/([\w.~-]+)\/(\w+)$/.exec(pathname) ?? [];
      // A name from outside is a path only if there is such a run.
      if (run === "" || !(await runNames(home)).includes(run)) return notFound(response);
      const read = request.method === "GET" ? readings.get(what) : undefined;
      if (read) return read({ response, run, query });
      const act = request.method === "POST" ? actions.get(what) : undefined;
      if (!act) return notFound(response);
      sendJson(response, { message: await act({ home, run, mask }, await bodyOf(request)) });
    },
    close() {
      for (const end of streams) end();
    },
  };
}

type Reading = (asked: Asked) => Promise<void>;
type Readers = Pick<ViewerOptions, "home" | "mask"> & {
  streams: Set<() => void>;
  followedRun(run: string): FollowedRun;
  /** The same, once all that its journal holds now has been read. */
  follow(run: string): Promise<FollowedRun>;
};

/** What can be read of a run. */
function readingsOf({ home, mask, streams, follow, followedRun }: Readers): ReadonlyMap<string, Reading> {
  const follows: Reading = async ({ run, response }) => {
    streams.add(stream(followedRun(run), response, (end) => streams.delete(end)));
    return Promise.resolve();
  };
  const details = new WeakMap<FollowedRun, ReturnType<typeof createDetails>>();
  const step: Reading = async ({ run, response, query }) => {
    const followed = await follow(run);
    const detailOf = details.get(followed) ?? createDetails(followed, { home, run, mask });
    details.set(followed, detailOf);
    sendJson(response, await detailOf(Number(query.get("n"))));
  };
  const agent: Reading = async ({ run, response, query }) =>
    sendJson(response, await (await follow(run)).eventsOf({ agent: query.get("key") ?? "" }));
  const search: Reading = async ({ run, response, query }) =>
    sendJson(response, await searchRun((await follow(run)).file, query.get("text") ?? ""));
  return new Map([
    ["follow", follows],
    ["step", step],
    ["agent", agent],
    ["search", search],
  ]);
}

/** Sends what becomes known of a run, a JSON line each, until the page has gone. Returns what ends it. */
function stream(run: FollowedRun, response: ServerResponse, ended: (end: () => void) => void): () => void {
  response.writeHead(200, { "content-type": "application/x-ndjson; charset=utf-8" });
  const send = (update: Update): void => void response.write(`${JSON.stringify(update)}\n`);
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

function notFound(response: ServerResponse): void {
  response
    .writeHead(404, { "content-type": "application/json; charset=utf-8" })
    .end('{"message":"There is no such thing here."}');
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
