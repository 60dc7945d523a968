import { SettingsError } from "../../errors.js";
import { openStore } from "../../fleet/store/open-store.js";
import type { UnknownRunError } from "../../history/listing/find-run.js";
import type { LoadedSettings } from "../../settings/load.js";
import { namedRun } from "./named-run.js";

/** The same error, which says how to bring the run here where the fleet of QUEUE_URL has one of this name. Never rejects. */
export async function ofFleetIfThere(
  error: UnknownRunError,
  load: (more: { fetchKeys: boolean }) => Promise<LoadedSettings>,
): Promise<SettingsError> {
  try {
    const { settings } = await load({ fetchKeys: false });
    if (settings.queueUrl === undefined) return error;
    const store = await openStore(settings.queueUrl);
    try {
      const { run } = namedRun(await store.list(), error.given);
      return new SettingsError(
        `There is no run ${JSON.stringify(error.given)} here, but the fleet has ${run}: autogpt fleet fetch ${run} brings it into a folder of that name, where this works.`,
        { cause: error },
      );
    } finally {
      await store.close();
    }
  } catch {
    // What was asked for is not here, whatever may be elsewhere.
    return error;
  }
}
