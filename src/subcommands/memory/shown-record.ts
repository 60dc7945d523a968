import type { MemoryRecord, MemorySource } from "../../memory/memory.js";
import { counted } from "../../base/text.js";

const listedLength = 240;

/** How long ago a record was made, in the largest unit that fits. */
export function ageOf(time: string, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(time)) / 1000));
  const units = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ] as const;
  const [unit, length] = units.find(([, length]) => seconds >= length) ?? ["second", 1];
  const count = Math.floor(seconds / length);
  return `${counted(count, unit)} ago`;
}

/** Where a record comes from, in words. */
export function sourceOf({ kind, run, step, from }: MemorySource): string {
  if (kind === "file" && from !== undefined) return `file ${from}, part ${step}`;
  return `${kind}${from === undefined ? "" : ` ${from}`}, run ${run}, step ${step}`;
}

/** Two lines: what it is, and how it begins. */
export function listed(record: MemoryRecord, now: Date, score?: number): string {
  const head = [score?.toFixed(3), ageOf(record.time, now), sourceOf(record.source), record.id];
  const line = record.text.replace(/\s+/g, " ").trim();
  const shown = [...line.slice(0, listedLength * 2)].slice(0, listedLength).join("");
  return `${head.filter((part) => part !== undefined).join("  ")}\n    ${shown}${shown.length < line.length ? " …" : ""}`;
}

/** The whole record. */
export const whole = (record: MemoryRecord, now: Date): string =>
  `${record.id}\n${sourceOf(record.source)}\n${record.time} (${ageOf(record.time, now)})\n\n${record.text}`;
