import type { ForgetFilter, MemoryRecord } from "./memory.js";

/** An empty filter holds for nothing. */
export const isNoFilter = (filter: ForgetFilter): boolean =>
  Object.values(filter).every((value) => value === undefined);

/** Whether all fields of the filter that are given hold for a record. */
export function isForgotten({ id, source, time }: MemoryRecord, filter: ForgetFilter): boolean {
  const { ids, run, kind, from, before } = filter;
  return (
    (ids === undefined || ids.includes(id)) &&
    (run === undefined || source.run === run) &&
    (kind === undefined || source.kind === kind) &&
    (from === undefined || source.from === from) &&
    (before === undefined || Date.parse(time) < Date.parse(before))
  );
}
