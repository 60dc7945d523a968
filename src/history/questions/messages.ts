import { join } from "node:path";
import * as z from "zod";
import { messageOf } from "../../errors.js";
import { saidFile, saidLine } from "./said-file.js";

const message = saidLine.extend({ text: z.string() });

/** Where it lies in a run's folder. */
export const messagesFile = (runDirectory: string): string => join(runDirectory, "messages.jsonl");

/** Where what is said to a run from outside waits for it. */
const messagesOf = (runDirectory: string, heard?: ReadonlySet<string>) =>
  saidFile(messagesFile(runDirectory), message, { by: "tell", heard });

/** Says this text to a run, whether it goes on at the moment or not; it is on disk when this resolves. */
export const tellRun = (runDirectory: string, text: string, now: Date): Promise<void> =>
  messagesOf(runDirectory).add({ text }, now);

/** How many texts have been said to a run so far, heard or not. Throws SettingsError where the file was changed by hand. */
export const countTold = async (runDirectory: string): Promise<number> =>
  (await messagesOf(runDirectory).news()).length;

/** What has been said and not been heard, all of it as one text, and its ids for the journal. */
export type Told = { ids: readonly string[]; text: string };

/** What is said to one run while it goes on, and was said before. */
export interface Messages {
  /** What is new since the last time; null where nothing is. What the journal does not call heard is new after a resume. */
  unheard(): Promise<Told | null>;
}

/** `heard` are the ids that the journal has; `warn` hears of a file that was changed by hand, once for each change. */
export function openMessages(runDirectory: string, heard: ReadonlySet<string>, warn: (text: string) => void): Messages {
  const file = messagesOf(runDirectory, heard);
  return {
    async unheard() {
      try {
        const fresh = await file.news();
        if (fresh.length === 0) return null;
        return { ids: fresh.map(({ id }) => id), text: fresh.map(({ text }) => text).join("\n") };
      } catch (thrown) {
        warn(`WARNING: ${messageOf(thrown)}`);
        return null;
      }
    },
  };
}
