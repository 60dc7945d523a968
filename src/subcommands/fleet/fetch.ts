import { join } from "node:path";
import { commandLine } from "../../base/process/command-line.js";
import { counted } from "../../base/text.js";
import { SettingsError } from "../../errors.js";
import { openStoreToLook, type ArtifactsOptions } from "../../fleet/artifacts/open-artifacts.js";
import { requireAddress } from "../../fleet/store/open-store.js";
import { isOver } from "../../fleet/worker/status.js";
import { fetchRun } from "../../fleet/watch/fetch-run.js";
import { isFolderName, namedRun } from "./named-run.js";

export type FetchOptions = {
  /** Runs as the user names them. */
  runs: readonly string[];
  /** An absolute path: each run's folder is made in it. */
  folder: string;
};

/**
 * Makes a folder of each run's name that holds it as the store has it now; `say` is told of each once it is whole. Names are looked up
 * before the first one is fetched. Throws SettingsError, also for a folder that is not empty.
 */
export async function fetchRuns(
  address: string | undefined,
  artifacts: ArtifactsOptions,
  { runs: given, folder }: FetchOptions,
  say: (line: string) => void,
): Promise<void> {
  const store = await openStoreToLook(requireAddress(address), artifacts);
  try {
    const all = await store.list();
    const runs = new Map(given.map((name) => namedRun(all, name)).map((one) => [one.run, one.status]));
    for (const [run, { state }] of runs) {
      if (!isFolderName(run)) throw new SettingsError(`${JSON.stringify(run)} cannot be the name of a folder.`);
      if (state === "submitting") throw new SettingsError(`The run ${run} is still being put in.`);
    }
    for (const [run, { state }] of runs) {
      const to = join(folder, run);
      const { files, lines } = await fetchRun(store, run, to);
      const standing = isOver({ state }) ? "" : ` It is ${state}: this is how it stands now.`;
      const look =
        lines === 0 ? " It has not begun, and has no journal yet." : ` ${commandLine("runs show")} works in ${to}.`;
      say(`${counted(files, "file")} in ${join(to, "workspace")}.${look}${standing}`);
    }
  } finally {
    await store.close();
  }
}
