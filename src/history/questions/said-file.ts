import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { stat } from "node:fs/promises";
import * as z from "zod";
import { nullIfMissing } from "../../base/system-error.js";
import { messageOf, SettingsError } from "../../errors.js";
import { openJsonLines, readJsonLines } from "../../storage/json-lines.js";
import { withSum } from "../../storage/line-sum.js";
import { withLock } from "../../storage/lock.js";

/** What every line has that other processes say to a run: its id, when it was said, and its sum. */
export const saidLine = z.object({ id: z.string(), time: z.string(), sum: z.string() });

/** A file in a run's folder in which other processes say something to the run: it only grows, and the journal says what was heard. */
export interface SaidFile<Line> {
  /** Adds a line with an id of its own; it is on disk when this resolves. */
  add(said: object, now: Date): Promise<void>;
  /**
   * The lines that have not been heard and were not given before. Throws SettingsError, once for each change of the file, where a
   * line is not as it was written: what somebody put there by hand is not heard.
   */
  news(): Promise<readonly Line[]>;
}

/** `by`: the word behind `autogpt` that writes such lines; `heard`: the ids of those that count for nothing any more. */
export function saidFile<Line extends z.infer<typeof saidLine>>(
  file: string,
  shape: z.ZodType<Line>,
  { by, heard = new Set() }: { by: string; heard?: ReadonlySet<string> | undefined },
): SaidFile<Line> {
  const known = new Set(heard);
  let seen = -1;
  const read = () => readLines(file, shape, by);
  return {
    add: (said, now) =>
      withLock(`${file}.lock`, async () => {
        const there = await stat(file).catch(nullIfMissing);
        const lines = openJsonLines(file, there === null ? {} : { cutAt: (await read()).validBytes });
        try {
          const id = randomBytes(8).toString("hex");
          lines.append(withSum({ id, time: now.toISOString(), ...said }), { sync: true });
        } finally {
          lines.close();
        }
      }),
    async news() {
      const size = sizeOf(file);
      if (size === null || size === seen) return [];
      seen = size;
      const { lines, validBytes } = await read();
      // A line that is being written makes it larger once more.
      seen = validBytes;
      const fresh = lines.filter(({ id }) => !known.has(id));
      for (const { id } of fresh) known.add(id);
      return fresh;
    },
  };
}

/**
 * Null where it cannot be told. The file is looked at in each step and seldom there, for which a promise, rejected with an error,
 * would cost many times as much.
 */
function sizeOf(file: string): number | null {
  try {
    return statSync(file, { throwIfNoEntry: false })?.size ?? null;
  } catch {
    return null;
  }
}

async function readLines<Line>(
  file: string,
  shape: z.ZodType<Line>,
  by: string,
): Promise<{ lines: Line[]; validBytes: number }> {
  try {
    const { lines, validBytes } = await readJsonLines(file);
    const said = lines.map((line, index) => {
      const read = shape.safeParse(line);
      if (!read.success) throw new Error(`${file}, line ${index + 1}, is not as autogpt ${by} writes it.`);
      return read.data;
    });
    return { lines: said, validBytes };
  } catch (thrown) {
    throw new SettingsError(
      `${messageOf(thrown)} Nothing in it is heard: remove it, and say what was not heard again with autogpt ${by}.`,
      { cause: thrown },
    );
  }
}
