import { randomUUID } from "node:crypto";
import * as z from "zod";
import { parseJson } from "../../base/json.js";
import { SettingsError } from "../../errors.js";
import { StoreDownError, type RunStore } from "../store/run-store.js";
import type { Artifacts } from "./artifacts.js";

/** What says at the place whose it is. */
export const markName = "autogpt-artifacts";
/** What the store knows of it: the mark, and whether it was written. */
const known = z.object({ id: z.string(), written: z.boolean() });
const sharedName = "artifacts";

type SharedStore = Pick<RunStore, "shared" | "replaceShared">;

/**
 * Makes sure that this is the place that all runs of the store use: a folder that is not mounted looks like one whose files are lost, and
 * would end every run that has some there. Resolves to its mark, null where neither has one. Throws SettingsError, and StoreDownError.
 */
export async function requireSamePlace(store: SharedStore, artifacts: Artifacts | null): Promise<string | null> {
  for (;;) {
    const { text } = await store.shared(sharedName);
    const { data } = known.safeParse(parseJson(text ?? "null"));
    if (artifacts === null) {
      if (data === undefined) return null;
      throw new SettingsError(
        "The runs of this fleet keep their large files at a place of its own: set ARTIFACTS_URL to it, as at the other workers.",
      );
    }
    const found = await markAt(artifacts);
    if (data?.written === true) {
      if (found === data.id) return found;
      throw new SettingsError(
        `${artifacts.place} is not the place where this fleet's runs keep their large files${found === null ? ", or is not mounted" : ""}. Set ARTIFACTS_URL to that one; where it has moved, move its file ${markName} with it. To use a new place and give up what was in the old one, write ${data.id} into a file of that name there.`,
      );
    }
    // Whoever comes first decides on the mark, and everybody writes that one.
    const next = data ?? { id: found ?? randomUUID(), written: false };
    if (data !== undefined) await artifacts.put(markName, Buffer.from(data.id));
    await store.replaceShared(sharedName, text, JSON.stringify({ ...next, written: data !== undefined }));
  }
}

/** Throws StoreDownError where this is not, or not any more, the place that has the mark: nothing of it can be called lost then. */
export async function requireMark(artifacts: Artifacts, mark: string | null): Promise<void> {
  if ((await markAt(artifacts)) !== mark)
    throw new StoreDownError(`${artifacts.place} is not there now: its file ${markName} is missing or another one.`);
}

const markAt = async (artifacts: Artifacts): Promise<string | null> =>
  (await artifacts.get(markName))?.toString("utf8").trim() ?? null;
