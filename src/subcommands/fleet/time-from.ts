import { SettingsError } from "../../errors.js";
import { duration } from "../../settings/value-types.js";

/** A day, and mostly a time of it, by the clock here unless it says by which; `Date.parse` would take "5" for one as well. */
const timeForm = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})?))?$/i;
/** How long ago a time may be, in milliseconds: a script that says "now" says it a little earlier. */
const lateMs = 60_000;

const dayMs = 24 * 3_600_000;

/** `2026-12-01 08:00 GMT+01:00`, by the clock here. */
export const localTime = (time: number): string => {
  const offset = -new Date(time).getTimezoneOffset();
  const [hours, minutes] = [Math.trunc(Math.abs(offset) / 60), Math.abs(offset) % 60];
  const shown = new Date(time + offset * 60_000).toISOString().slice(0, 16).replace("T", " ");
  return `${shown} GMT${offset < 0 ? "-" : "+"}${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
};

/** In milliseconds since 1970. Throws SettingsError for what is no time, or has passed. */
export function timeFrom(text: string, now: number): number {
  const [, days] = /^(\d{1,5})d$/i.exec(text.trim()) ?? [];
  if (days !== undefined) return now + Number(days) * dayMs;
  const { data: seconds } = duration().safeParse(text);
  if (seconds !== undefined) return now + seconds * 1000;
  const [, day = "", hour = "00:00"] = timeForm.exec(text.trim()) ?? [];
  const time = isDay(day) ? Date.parse(`${day}T${hour.toUpperCase()}`) : NaN;
  if (Number.isNaN(time))
    throw new SettingsError(
      `--at must be a time such as 2026-12-01T08:00, or 30m, 2h or 3d from now, not ${JSON.stringify(text)}.`,
    );
  if (time >= now - lateMs) return time;
  throw new SettingsError(
    `--at: ${text} has passed; it is ${localTime(now)} here. Leave it out where the run is to be taken at once.`,
  );
}

/** 30 February would be taken for a day in March. */
const isDay = (text: string): boolean => {
  const day = new Date(`${text}T00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
};
