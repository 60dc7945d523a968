/** How long the headers ask to wait, in milliseconds: `retry-after-ms`, or `retry-after` in seconds or as a date. */
export function retryAfterMs(headers: Headers | undefined, now = Date.now()): number | undefined {
  const milliseconds = positive(headers?.get("retry-after-ms"));
  if (milliseconds !== undefined) return milliseconds;
  const after = headers?.get("retry-after");
  const seconds = positive(after);
  if (seconds !== undefined) return seconds * 1000;
  const date = Date.parse(after ?? "");
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function positive(value: string | null | undefined): number | undefined {
  return value && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : undefined;
}
