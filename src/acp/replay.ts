import { resolve } from "node:path";
import type { ToolCallContent } from "@agentclientprotocol/sdk";
import { messageOf, SettingsError } from "../errors.js";
import type { JournalEvent } from "../history/events.js";
import { readEvents } from "../history/read-events.js";
import { journalFile } from "../history/run-log.js";
import { runDirectory } from "../history/runs.js";
import type { Session } from "./session.js";
import type { StoredRun } from "./stored-sessions.js";
import { createUpdates } from "./shown/updates.js";

type Start = Extract<JournalEvent, { type: "run-start" }>;

/** Tells an editor again what happened in a session, from the journals of its runs: as to one that knows nothing of it. */
export async function replay(
  runs: readonly StoredRun[],
  { client, id: sessionId, announced }: Pick<Session, "client" | "id" | "announced">,
): Promise<void> {
  announced.clear();
  for (const { home, run } of runs) {
    const { events } = await readEvents(journalFile(runDirectory(home, run))).catch((thrown: unknown) => {
      throw new SettingsError(`The journal of the run ${run} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
    });
    const start = events[0] as Start;
    const { workspace } = start;
    const updates = createUpdates({ run, workspace, told: true }, announced);
    for (const event of events.filter((one) => isOwn(one, start))) {
      for (const update of updates.of(event, createdBy(event, workspace)))
        await client.notify("session/update", { sessionId, update });
    }
  }
}

/** Whether the person would see it in this run: neither what it took over from an earlier one, nor goals that a file has said. */
function isOwn(event: JournalEvent, { forkedFrom, settingsFile }: Start): boolean {
  if (event.type === "run-start") return forkedFrom === undefined && settingsFile === undefined;
  return forkedFrom === undefined || !("step" in event) || event.step > forkedFrom.step;
}

/** A file that a command has made with a text that stands in the journal. */
function createdBy(event: JournalEvent, workspace: string): ToolCallContent[] {
  if (event.type !== "step-end" || event.command?.name !== "write_to_file") return [];
  const { text } = event.command.args;
  const [path] = event.result.files?.created ?? [];
  if (path === undefined || typeof text !== "string") return [];
  return [{ type: "diff", path: resolve(workspace, path), oldText: null, newText: text }];
}
