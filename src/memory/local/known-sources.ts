import { keepRecent } from "../../base/keeping/keep-recent.js";
import type { MemoryRecord, MemorySource, RecallOptions } from "../memory.js";
import { isLeftOut } from "../record-store.js";
import { fileOf, type Contents } from "./contents.js";

/** Of how many records is known at the least where they come from. */
const usualRoom = 4_000;

/** Where records come from, of those that were added, read or asked about last: what a search leaves out is not scored, nor read for that. */
export interface KnownSources {
  note(contents: Contents, number: number, record: Pick<MemoryRecord, "source">): void;
  /** Whether the record with this number is known to be left out. */
  leftOut(contents: Contents, unless: RecallOptions["unless"]): (number: number) => boolean;
}

export function createKnownSources(room = usualRoom): KnownSources {
  let file = "";
  const sources = keepRecent<number, Pick<MemorySource, "run" | "step">>(room);
  const of = (contents: Contents): typeof sources => {
    const now = fileOf(contents);
    if (now !== file) sources.clear();
    file = now;
    return sources;
  };
  return {
    note(contents, number, { source: { run, step } }) {
      const known = of(contents);
      if (known.get(number) === undefined) known.set(number, { run, step });
    },
    leftOut(contents, unless = []) {
      const known = of(contents);
      if (unless.length === 0) return () => false;
      return (number) => {
        const source = known.get(number);
        return source !== undefined && isLeftOut(source, unless);
      };
    },
  };
}
