import type { Writable } from "node:stream";
import type { Listener } from "../history/emit.js";

/** One JSON object a line on standard output: every event with `stream-json`, the end of the run with `json`. */
export function recordListener(format: "json" | "stream-json", out: Writable): Listener {
  return (event) => {
    if (format === "stream-json" || event.type === "run-end") out.write(`${JSON.stringify(event)}\n`);
  };
}
