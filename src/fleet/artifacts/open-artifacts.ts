import { messageOf, SettingsError } from "../../errors.js";
import { StoreDownError, type RunStore } from "../store/run-store.js";
import { openStore } from "../store/open-store.js";
import { artifactsAddress } from "./address.js";
import type { Artifacts } from "./artifacts.js";
import { requireSamePlace } from "./same-place.js";
import { withArtifacts } from "./with-artifacts.js";

export type ArtifactsOptions = {
  /** ARTIFACTS_URL. */
  url: string | undefined;
  /** Gives the variables of the client for S3. */
  variable(name: string): string | undefined;
  /** Is told why the place does not do what it is asked for, each time. */
  onTrouble?(message: string): void;
};

/**
 * Opens the store at the address of the queue, with the place for contents of large files where there is one. Throws SettingsError where one
 * of them cannot be used, or the runs of the store use another place.
 */
export async function openStoreWithArtifacts(address: string, options: ArtifactsOptions): Promise<RunStore> {
  const store = await openStore(address);
  let artifacts: Artifacts | null = null;
  try {
    artifacts = await openArtifacts(options);
    const mark = await requireSamePlace(store, artifacts);
    return withArtifacts(store, artifacts === null || mark === null ? null : { artifacts, mark });
  } catch (thrown) {
    artifacts?.close();
    await store.close();
    if (!(thrown instanceof StoreDownError)) throw thrown;
    throw new SettingsError(`${messageOf(thrown)} Mend that, or name another place in ARTIFACTS_URL.`, {
      cause: thrown,
    });
  }
}

/** The same for somebody who only looks, and may do without the place: what lies there cannot be looked at then, and that is told. */
export const openStoreToLook = async (address: string, options: ArtifactsOptions): Promise<RunStore> =>
  options.url === undefined ? withArtifacts(await openStore(address), null) : openStoreWithArtifacts(address, options);

async function openArtifacts({ url, variable, onTrouble }: ArtifactsOptions): Promise<Artifacts | null> {
  if (url === undefined) return null;
  const address = artifactsAddress(url);
  const artifacts =
    address.kind === "folder"
      ? await (await import("./folder.js")).openFolderArtifacts(address.folder)
      : await (await import("./s3.js")).openS3Artifacts(address, variable);
  return onTrouble === undefined ? artifacts : telling(artifacts, onTrouble);
}

/** Others wait and try again: somebody should know what for. */
function telling(artifacts: Artifacts, onTrouble: (message: string) => void): Artifacts {
  const told = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      return await work;
    } catch (thrown) {
      onTrouble(messageOf(thrown));
      throw thrown;
    }
  };
  return {
    ...artifacts,
    put: (name, bytes) => told(artifacts.put(name, bytes)),
    get: (name) => told(artifacts.get(name)),
    list: (folder) => told(artifacts.list(folder)),
    remove: (name) => told(artifacts.remove(name)),
    removeAll: (folder) => told(artifacts.removeAll(folder)),
  };
}
