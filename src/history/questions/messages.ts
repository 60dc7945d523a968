import { randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { messageOf, SettingsError } from "../../errors.js";
import { nullIfMissing } from "../../base/system-error.js";
import { openJsonLines, readJsonLines } from "../../storage/json-lines.js";
import { withSum } from "../../storage/line-sum.js";
import { withLock } from "../../storage/lock.js";

/** Where what is said to a run from outside waits for it. It only grows: the journal says what of it has been heard. */
const messagesFile = (runDirectory: string): string => join(runDirectory, "messages.jsonl");

const message = z.object({ id: z.string(), time: z.string(), text: z.string(), sum: z.string() });
type Message = z.infer<typeof message>;

type ReadMessages = { messages: Message[]; validBytes: number };

/** Throws SettingsError where a line is not as it was written: what somebody put there by hand is not heard. */
async function readMessages(file: string): Promise<ReadMessages> {
  try {
    const { lines, validBytes } = await readJsonLines(file);
    const messages = lines.map((line, index) => {
      const read = message.safeParse(line);
      if (!read.success) throw new Error(`${file}, line ${index + 1}, is not as autogpt tell writes it.`);
      return read.data;
    });
    return { messages, validBytes };
  } catch (thrown) {
    throw new SettingsError(
      `${messageOf(thrown)} Nothing in it is heard: remove it, and say what was not heard again with autogpt tell.`,
      { cause: thrown },
    );
  }
}

/** Says this text to a run, whether it goes on at the moment or not; it is on disk when this resolves. */
export async function tellRun(runDirectory: string, text: string, now: Date): Promise<void> {
  const file = messagesFile(runDirectory);
  await withLock(`${file}.lock`, async () => {
    const there = await stat(file).catch(nullIfMissing);
    const before = there === null ? null : await readMessages(file);
    const lines = openJsonLines(file, before === null ? {} : { cutAt: before.validBytes });
    try {
      lines.append(withSum({ id: randomBytes(8).toString("hex"), time: now.toISOString(), text }), { sync: true });
    } finally {
      lines.close();
    }
  });
}

/** What has been said and not been heard, all of it as one text, and its ids for the journal. */
export type Told = { ids: readonly string[]; text: string };

/** What is said to one run while it goes on, and was said before. */
export interface Messages {
  /** What is new since the last time; null where nothing is. What the journal does not call heard is new after a resume. */
  unheard(): Promise<Told | null>;
}

/** `heard` are the ids that the journal has; `warn` hears of a file that was changed by hand, once for each change. */
export function openMessages(runDirectory: string, heard: ReadonlySet<string>, warn: (text: string) => void): Messages {
  const file = messagesFile(runDirectory);
  const known = new Set(heard);
  let seen = -1;
  return {
    async unheard() {
      const there = await stat(file).catch(() => null);
      if (there === null || there.size === seen) return null;
      try {
        const { messages, validBytes } = await readMessages(file);
        // A line that is being written makes it larger once more.
        seen = validBytes;
        const fresh = messages.filter(({ id }) => !known.has(id));
        for (const { id } of fresh) known.add(id);
        if (fresh.length === 0) return null;
        return { ids: fresh.map(({ id }) => id), text: fresh.map(({ text }) => text).join("\n") };
      } catch (thrown) {
        seen = there.size;
        warn(`WARNING: ${messageOf(thrown)}`);
        return null;
      }
    },
  };
}
