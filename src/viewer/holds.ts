/** What every event has, and nobody has said. */
const envelope: ReadonlySet<string> = new Set(["seq", "time", "elapsedMs", "sum", "type"]);

/** Whether somebody has said this text, which is in small letters, in an event: in a value of it, in any case. */
export const eventHolds = (event: object, wanted: string): boolean =>
  Object.entries(event).some(([name, value]) => !envelope.has(name) && holds(value, wanted));

function holds(value: unknown, wanted: string): boolean {
  if (typeof value === "string") return value.toLowerCase().includes(wanted);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((one) => holds(one, wanted));
}
