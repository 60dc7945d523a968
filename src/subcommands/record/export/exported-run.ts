import { readCassette } from "../../../cassette/read-cassette.js";
import { isObject } from "../../../base/json.js";
import type { JournalEvent } from "../../../history/events.js";
import { readEvents } from "../../../history/read-events.js";
import { reportIn, type RunReport } from "../../../history/report/run-report.js";
import { cassetteFile, journalFile } from "../../../history/run-log.js";
import { runDirectory } from "../../../history/runs.js";

/** All that exports are made from. */
export type ExportedRun = {
  report: RunReport;
  events: readonly JournalEvent[];
  /** The messages before the first step, where there is a record of them. */
  opening: readonly { role: string; text: string }[];
  /** The program's version that began the run. */
  version: string;
};

/** Reads a run. Throws SettingsError where its journal is damaged. */
export async function exportedRun(home: string, run: string): Promise<ExportedRun> {
  const read = await readEvents(journalFile(runDirectory(home, run)));
  const report = await reportIn(home, run, read);
  return { report, events: read.events, opening: await openingOf(home, run), version: report.start.version };
}

/** The first request of the loop; a run whose record is gone has none. */
async function openingOf(home: string, run: string): Promise<ExportedRun["opening"]> {
  const cassette = await readCassette(cassetteFile(runDirectory(home, run))).catch(() => null);
  const first = cassette?.sessions[0]?.requests.find(({ purpose, step }) => purpose === "think" && step === 1);
  const messages = first?.body["messages"] ?? first?.body["input"];
  if (!Array.isArray(messages)) return [];
  return messages.flatMap((message: unknown) =>
    isObject(message) && typeof message["role"] === "string"
      ? [{ role: message["role"], text: textOf(message["content"]) }]
      : [],
  );
}

/** The text of a message, whose content may be a list of parts. */
const textOf = (content: unknown): string =>
  typeof content === "string"
    ? content
    : Array.isArray(content)
      ? content
          .map((part: unknown) => (isObject(part) && typeof part["text"] === "string" ? part["text"] : ""))
          .join("")
      : "";
