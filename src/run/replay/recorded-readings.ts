import * as z from "zod";
import { SettingsError } from "../../errors.js";
import type { RecordedSession } from "../../cassette/read-cassette.js";

const texts = z.array(z.string());
const count = z.int().min(0);

/** What is read of each kind, where it is not null; of others a replay says itself what is wrong. */
const kinds: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ["now", z.iso.datetime()],
  ["new-name", z.string()],
  ["took", z.number()],
  ["elapsed", z.number()],
  ["stopped", z.enum(["user", "limit"])],
  ["chance", z.number().min(0).max(1)],
  ["jobs-running", count],
  ["jobs-started", count],
  ["problem-with-checks", z.string()],
  ["runnable", texts],
  ["message", z.looseObject({})],
  ["vectors-kept", z.looseObject({ texts, dimension: count })],
  ["vectors-made", count],
  ["memory-made-with", z.looseObject({})],
]);

/** Of commands of others, whose names come behind it. */
const kindsOfCommands: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ["touches", z.union([texts, z.literal("all")])],
  ["foreign", z.looseObject({})],
]);

/** Readings that have to be there wherever they are asked for. */
const neverNull: ReadonlySet<string> = new Set(["now", "took", "elapsed", "vectors-kept", "vectors-made", "runnable"]);

/** Refuses a record whose readings are not of the form in which they are recorded. Throws SettingsError that names the first. */
export function refuseStrangeReadings(run: string, { readings }: Pick<RecordedSession, "readings">): void {
  for (const { of, step, n, value } of readings) {
    const form = kinds.get(of) ?? kindsOfCommands.get(of.split(" ", 1)[0] ?? "");
    const fits = value === null ? !neverNull.has(of) : (form?.safeParse(value).success ?? true);
    if (fits) continue;
    throw new SettingsError(
      `The record of the run ${run} is damaged, so it cannot be run again: reading ${n} of ${JSON.stringify(of.slice(0, 60))} in step ${step} is not as this program records it.`,
    );
  }
}
