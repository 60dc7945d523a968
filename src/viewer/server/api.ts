import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { parseJson } from "../../base/json.js";
import { maskOfForeign, type Mask } from "../../base/mask.js";
import { SettingsError } from "../../errors.js";
import { followRun, type FollowedRun } from "../run/follow-run.js";
import { findRun, type RunPlace } from "../run/run-place.js";
import { searchRun } from "../run/search-run.js";
import { createDetails } from "../run/step-detail.js";
import type { Update } from "../shapes.js";
import { actions, fleetActions } from "./actions.js";
import { createFleetList } from "./list-fleet.js";
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

type Asked = { response: ServerResponse; place: RunPlace; query: URLSearchParams };

export function createApi(options: ViewerOptions): Api {
  const { home: own, otherHomes = [], fleet = null, mask, words } = options;
  // A journal may hold what became a secret since it was written.
  const masked = maskOfForeign(mask);
  const streams = new Set<() => void>();
  const homes = [own, ...otherHomes];
  const list = createRunList(homes, words);
  const fleetList = fleet === null ? null : createFleetList(fleet, words);
  const followedRun = keptRuns(words);
  const find = (run: string): Promise<RunPlace | null> => findRun(run, { homes, fleet });
  // They are read before the browser is there.
  for (const run of options.runs)
    void find(run).then(
      (place) => place && followedRun(place).look(),
      () => undefined,
    );
  const readings = readingsOf({ masked, streams, followedRun });
  return {
    async answer(request, response) {
      const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://127.0.0.1");
      if (pathname === "/api/runs" && request.method === "GET") return sendJson(response, masked(await list()));
      if (pathname === "/api/fleet" && request.method === "GET" && fleetList !== null)
        return sendJson(response, masked(await fleetList()));
      const { run, what } = runIn(pathname);
      const place = await find(run);
      if (place === null) return notFound(response, "There is no such run, or it is gone.");
      const read = request.method === "GET" ? readings.get(what) : undefined;
      if (read) return read({ response, place, query });
      const act = request.method === "POST" ? actOn(place, what, options) : null;
      if (act === null) return notFound(response);
      sendJson(response, { message: masked(await act(await bodyOf(request))) });
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

/** What may be done to a run, if there is such a thing. */
function actOn(
  { home, run, fleet: isOfFleet }: RunPlace,
  what: string,
  { fleet, mask }: ViewerOptions,
): ((body: unknown) => Promise<string>) | null {
  if (isOfFleet !== null) {
    const act = fleetActions.get(what);
    return act === undefined || fleet === null || fleet === undefined ? null : (body) => act(fleet, run, body);
  }
  const act = actions.get(what);
  return act === undefined ? null : (body) => act({ home, run, mask }, body);
}

/** Keeps what was read of the runs that were asked for last, and of those that are watched. */
function keptRuns(words: ViewerOptions["words"]): (place: RunPlace) => FollowedRun {
  const kept = new Map<string, FollowedRun>();
  return (place) => {
    const key = join(place.home, place.run);
    const known = kept.get(key) ?? followRun(place, words);
    // The one that was asked for last is the last one here.
    kept.delete(key);
    kept.set(key, known);
    for (const [name, one] of kept)
      if (kept.size > mostFollowed && one !== known && !one.isWatched()) {
        kept.delete(name);
        void one.place.fleet?.remove();
      }
    return known;
  };
}

type Reading = (asked: Asked) => Promise<void>;
type Readers = {
  masked: Mask;
  streams: Set<() => void>;
  followedRun(place: RunPlace): FollowedRun;
};

/** What can be read of a run. */
function readingsOf({ masked, streams, followedRun }: Readers): ReadonlyMap<string, Reading> {
  /** The run, once all that its journal holds now has been read. */
  const read = async ({ place }: Asked): Promise<FollowedRun> => {
    const known = followedRun(place);
    await known.look();
    return known;
  };
  const follows: Reading = async ({ place, response }) => {
    streams.add(stream(followedRun(place), response, masked, (end) => streams.delete(end)));
    return Promise.resolve();
  };
  const details = new WeakMap<FollowedRun, ReturnType<typeof createDetails>>();
  const step: Reading = async (asked) => {
    const followed = await read(asked);
    const detailOf =
      details.get(followed) ?? createDetails((number) => followed.eventsOf({ step: number }), asked.place);
    details.set(followed, detailOf);
    // What cannot be had is missing from the step, and the place says why.
    await asked.place.fleet?.bring("all").catch(() => undefined);
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
