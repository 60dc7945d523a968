import { randomUUID } from "node:crypto";
import { cp, lstat, mkdir, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { inside } from "../base/folders/inside.js";
import { walkFolder } from "../base/folders/walk-folder.js";
import { codeOf, nullIfMissing } from "../base/system-error.js";
import type { Guarded } from "../protection/guarded.js";
import { findPlaces, whereabouts, type Place } from "../protection/places.js";
import { SandboxError, type LaunchOptions, type Running, type Sandbox } from "./sandbox.js";

/** How often it is looked for what a running program has made, and which share of the time that may take. */
const everyMs = 1000;
const share = 1 / 10;

/**
 * The same sandbox, in which nothing protected can be changed: what is there is handed to the backend as `places`, and
 * what the program makes of that kind is taken out of the workspace, while it runs and when it has ended, into a folder
 * below `takenFolder`.
 */
export function guardPlaces(sandbox: Sandbox, guarded: Guarded, takenFolder: string): Sandbox {
  let running = 0;
  return {
    ...sandbox,
    async start(argv, options) {
      const before = await findPlaces(guarded);
      if (before === null) throw tooMuch();
      const started = await sandbox.start(argv, {
        ...options,
        guarded,
        places: running > 0 ? withoutWay(before) : before,
      });
      running += 1;
      return watched(started, { guarded, before, takenFolder, stop: () => (running -= 1) });
    },
  };
}

const tooMuch = (): SandboxError =>
  new SandboxError(
    "Nothing is run here: the workspace holds too many files to look for those that tools of the user run by themselves.",
  );

/**
 * A program that runs already may put a link in the place of a folder on the way, so that the next one would be shown what
 * lies elsewhere: of what is not directly in the workspace nothing is shown then.
 */
const withoutWay = (places: readonly Place[]): Place[] =>
  places.map((place) => (place.path.includes("/") ? { ...place, access: "hidden" } : place));

type Watch = { guarded: Guarded; before: readonly Place[]; takenFolder: string; stop(): void };

function watched(running: Running, watch: Watch): Running {
  const taken: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<unknown> = Promise.resolve();
  const look = async (): Promise<void> => {
    const startedAt = performance.now();
    taken.push(...(await takeBack(watch).catch(() => [])));
    schedule(Math.max(everyMs, (performance.now() - startedAt) / share));
  };
  const schedule = (ms: number): void => {
    timer = setTimeout(() => void (looking = look()), ms);
    timer.unref();
  };
  schedule(everyMs);
  const ended = (async () => {
    try {
      const end = await running.ended;
      clearTimeout(timer);
      await looking;
      clearTimeout(timer);
      taken.push(...(await takeBack(watch)));
      return taken.length === 0 ? end : { ...end, takenBack: [...new Set(taken)] };
    } finally {
      clearTimeout(timer);
      watch.stop();
    }
  })();
  return {
    ...running,
    ended,
    stop: async () => {
      await running.stop();
      return ended;
    },
  };
}

/** Takes away what is protected and was not there; returns its paths. */
async function takeBack({ guarded, before, takenFolder }: Watch): Promise<string[]> {
  const now = await findPlaces(guarded);
  if (now === null) throw tooMuch();
  const made = newPlaces(before, now);
  const folder = join(takenFolder, randomUUID());
  const taken = made.size === 0 ? [] : await take(guarded.root, made, folder);
  await putLinksBack(guarded.root, before, now, new Set(taken));
  await putPlacesBack(guarded.root, before, now, folder);
  return taken;
}

/**
 * What is new by its identity. A file that was there, and is another one now while the old one is nowhere, was replaced
 * from outside: the program could not, and nothing of the user's is taken away.
 */
function newPlaces(before: readonly Place[], now: readonly Place[]): Map<string, Place> {
  const known = new Set(before.map(({ id }) => id));
  const left = new Set(now.map(({ id }) => id));
  const atPath = new Map(before.map((place) => [place.path, place]));
  const made = now.filter((place) => {
    if (known.has(place.id)) return false;
    const old = atPath.get(place.path);
    return old === undefined || old.kind === "link" || left.has(old.id);
  });
  return new Map(made.map((place) => [place.path, place]));
}

/** Moves them away from the folders that hold them, as these are found on a walk: no link leads it elsewhere. */
async function take(root: string, made: ReadonlyMap<string, Place>, folder: string): Promise<string[]> {
  const taken: string[] = [];
  await walkFolder(root, async ({ path, at, entries }) => {
    const leave = new Set<string>();
    for (const { name } of entries) {
      const below = path === "" ? name : `${path}/${name}`;
      if (!made.has(below)) continue;
      leave.add(name);
      await moveAway(`${at}/${name}`, join(folder, below));
      taken.push(below);
    }
    return leave;
  });
  return taken;
}

async function moveAway(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  try {
    await rename(from, to);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    if (codeOf(error) === "EXDEV")
      await cp(from, to, { recursive: true, verbatimSymlinks: true }).catch(() => undefined);
    await rm(from, { recursive: true, force: true });
  }
}

/** A link cannot be held in its place: what was taken away instead of it makes room for it again. */
async function putLinksBack(
  root: string,
  before: readonly Place[],
  now: readonly Place[],
  taken: ReadonlySet<string>,
): Promise<void> {
  const there = new Set(now.map(({ path }) => path));
  for (const { path, target } of before) {
    if (target === null || (there.has(path) && !taken.has(path))) continue;
    await inside(root, dirname(path), (at) => symlink(target, join(at, basename(path)))).catch(() => undefined);
  }
}

/** Nor can the folders on the way to a place: one that was renamed has what is protected only by its path under a free name. */
async function putPlacesBack(
  root: string,
  before: readonly Place[],
  now: readonly Place[],
  folder: string,
): Promise<void> {
  const there = new Set(now.map(({ id }) => id));
  const gone = before.filter(({ kind, id }) => kind !== "link" && !there.has(id));
  if (gone.length === 0) return;
  const found = await whereabouts(root, new Set(gone.map(({ id }) => id)));
  for (const { id, path } of gone) {
    const from = found.get(id);
    if (from === undefined) continue;
    await clearWay(root, dirname(path), folder).catch(() => undefined);
    await inside(root, dirname(from), (old) =>
      inside(root, dirname(path), (at) => moveToFree(join(old, basename(from)), join(at, basename(path)))),
    ).catch(() => undefined);
  }
}

/** A link or file in the stead of one of these folders was not there before: it is moved away, too. */
async function clearWay(root: string, path: string, folder: string): Promise<void> {
  const names = path.split("/").filter((name) => name !== ".");
  for (const [depth, name] of names.entries()) {
    const above = names.slice(0, depth).join("/");
    await inside(root, above, async (at) => {
      const facts = await lstat(join(at, name)).catch(nullIfMissing);
      if (facts !== null && !facts.isDirectory()) await moveAway(join(at, name), join(folder, above, name));
    });
  }
}

/** What is there by now is not replaced. */
async function moveToFree(from: string, to: string): Promise<void> {
  if ((await lstat(to).catch(nullIfMissing)) === null) await rename(from, to);
}

/** What is asked of a backend's launch: what of the workspace it holds as it is, or hides. */
export const placesOf = ({ places = [] }: LaunchOptions): readonly Place[] =>
  places.filter(({ kind }) => kind !== "link");
