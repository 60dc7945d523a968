import { rm } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { mapTexts } from "../../base/json.js";
import type { Mask } from "../../base/mask.js";
import { firstCharacters } from "../../base/text.js";
import { makeTemporaryFolder } from "../../base/folders/temporary-folder.js";
import { messageOf, SettingsError } from "../../errors.js";
import { openStoreToLook, type ArtifactsOptions } from "../../fleet/artifacts/open-artifacts.js";
import type { RunStatus, RunStore } from "../../fleet/store/run-store.js";
import { copyRun, type RunCopy } from "../../fleet/watch/copy-run.js";
import { runDirectory } from "../../history/runs.js";
import { packsDirectory, snapshotFile } from "../../snapshots/log.js";
import { slowMs, type FleetPlace, type FleetRuns, type RunPlace } from "../../viewer/run/run-place.js";
import { actOnFleet } from "../fleet/fleet.js";
import { tellFleet } from "../questions/say.js";
import { answerInFleet } from "./fleet-answers.js";
import { isFolderName, namedRun } from "../fleet/named-run.js";

/** Runs of a fleet for the viewer; `named` finds one by a part of its name, and throws SettingsError; `close` removes all copies. */
export type OpenedFleet = FleetRuns & { named(given: string): Promise<string>; close(): Promise<void> };

/** The store is opened when it is asked first, and again where it could not be. */
export function fleetRuns(address: string, mask: Mask, artifacts: ArtifactsOptions): OpenedFleet {
  const place = placeIn(address);
  let opened: Promise<RunStore> | null = null;
  const store = (): Promise<RunStore> => {
    opened ??= openStoreToLook(address, artifacts).catch((thrown: unknown) => {
      opened = null;
      throw thrown;
    });
    return opened;
  };
  const places = new Map<string, Promise<RunPlace>>();
  const list: FleetRuns["list"] = async () =>
    (await (await store()).list())
      .filter(({ run }) => isFolderName(run))
      .sort((one, other) => (one.run < other.run ? 1 : -1))
      .map(({ run, status }) => ({ run, status: shortStatus(status, mask) }));
  return {
    place,
    list,
    async open(run) {
      const known = places.get(run);
      if (known !== undefined) return known;
      if (!isFolderName(run) || !(await isThere(store, run))) return null;
      const made = places.get(run) ?? copiedPlace({ run, place, store, mask }, () => places.delete(run));
      places.set(run, made);
      return made;
    },
    async act(run, act) {
      return (await actOnFleet(address, act, [run])).join(" ");
    },
    answer: (run, body) => answerInFleet(address, { run, mask, ...body }),
    tell: (run, text) => tellFleet(address, run, mask(text), new Date()),
    async named(given) {
      return namedRun(await (await store()).list(), given).run;
    },
    async close() {
      for (const made of [...places.values()]) await made.then(({ fleet }) => fleet?.remove());
      await opened?.then(
        (one) => one.close(),
        () => undefined,
      );
    },
  };
}

/** Whether there may be such a run: where the store cannot be asked, that is not known. */
async function isThere(store: () => Promise<RunStore>, run: string): Promise<boolean> {
  try {
    return (await (await store()).look(run)) !== null;
  } catch (thrown) {
    if (thrown instanceof SettingsError) return true;
    throw thrown;
  }
}

type Copied = { run: string; place: string; mask: Mask; store(): Promise<RunStore> };

async function copiedPlace({ run, place, mask, store }: Copied, forget: () => void): Promise<RunPlace> {
  const root = await makeTemporaryFolder("fleet-run");
  const copy = copyRun(storeOpenedLate(place, store), run, root);
  const fleet = broughtInTurn(copy, { run, place, mask }, async () => {
    forget();
    await rm(root, { recursive: true, force: true }).catch(() => undefined);
  });
  return { home: copy.home, run, fleet, isWorkedOn: () => copy.status()?.state === "running" };
}

const storeOpenedLate = (place: string, store: () => Promise<RunStore>): Parameters<typeof copyRun>[0] => ({
  place,
  linesFrom: async (...given) => (await store()).linesFrom(...given),
  filesBelow: async (...given) => (await store()).filesBelow(...given),
  contents: async (...given) => (await store()).contents(...given),
});

/** One at a time, as each goes on from what was brought before. */
function broughtInTurn(
  copy: RunCopy,
  { run, place, mask }: Pick<Copied, "run" | "place" | "mask">,
  remove: () => Promise<void>,
): FleetPlace {
  const { home } = copy;
  const folders = [runDirectory(home, run), dirname(snapshotFile(home, run)), packsDirectory(home)].map((folder) =>
    relative(home, folder).replaceAll("\\", "/"),
  );
  let last: Promise<unknown> = Promise.resolve();
  let [problem, since] = [null as string | null, null as number | null];
  const bring = async (what: "journal" | "all"): Promise<void> => {
    since = performance.now();
    try {
      await copy.bringJournal();
      if (what === "all") await copy.bringFiles(folders);
      problem = null;
    } catch (thrown) {
      if (!(thrown instanceof SettingsError)) throw thrown;
      problem = messageOf(thrown);
      throw thrown;
    } finally {
      since = null;
    }
  };
  const isSlow = (): boolean => since !== null && performance.now() - since >= slowMs;
  return {
    heard() {
      const status = copy.status();
      return {
        ...{ place, status: status && shortStatus(status, mask) },
        problem: problem ?? (isSlow() ? `${place} has not sent all of this run yet.` : null),
      };
    },
    bring(what) {
      const brought = last.then(() => bring(what));
      last = brought.catch(() => undefined);
      return brought;
    },
    async remove() {
      await last;
      await remove();
    },
  };
}

/** As much of a text of a status as is shown, and as many of its goals as are counted. */
const [mostText, mostGoals] = [2_000, 1_000];

/** The same without secrets, and with the beginnings of its texts: the page is sent it again and again. */
const shortStatus = (status: RunStatus, mask: Mask): RunStatus =>
  mapTexts(mask({ ...status, ...(status.goals && { goals: status.goals.slice(0, mostGoals) }) }), (text) =>
    firstCharacters(text, mostText),
  );

/** Host and port, without secrets. */
function placeIn(address: string): string {
  const { protocol, hostname, port } = new URL(address);
  return `${hostname || "localhost"}:${port || (/^postgres/i.test(protocol) ? "5432" : "6379")}`;
}
