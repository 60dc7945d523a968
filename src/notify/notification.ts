import { isCompletedEnd } from "../history/resume.js";
import { commandLine } from "../base/process/command-line.js";
import { firstCharacters } from "../base/text.js";
import type { CommandCall } from "../history/event-parts.js";
import type { JournalEvent } from "../history/events.js";

/** What the user is told while they are away. `type`: `run.question`, `run.limit` or `run.end`; `timestamp` is ISO 8601. */
export type Notification = { type: string; timestamp: string; data: Readonly<Record<string, unknown>> };

/** What is the same in all notifications of a run. */
export type NotifiedRun = { run: string; aiName: string; workspace: string };

/** What an event has to say to somebody who is away; null for most. */
export function notificationOf(event: JournalEvent, about: NotifiedRun): Notification | null {
  const { run } = about;
  const told = (type: string, data: Notification["data"]): Notification => ({
    type,
    timestamp: event.time,
    data: { ...about, ...data },
  });
  switch (event.type) {
    case "command-asked":
      return told("run.question", { parked: false, ...askedIn(event) });
    case "command-parked": {
      const answers = { approve: commandLine(`approve ${run}`), deny: commandLine(`deny ${run}`) };
      return told("run.question", { parked: true, question: event.question, ...askedIn(event), ...answers });
    }
    case "user-questioned": {
      if (event.parked !== true || event.question === undefined) return null;
      const { step, question, from, message, fields, address = null } = event;
      const server = { message: shortened(message), fields, address };
      const answers = { answer: commandLine(`answer ${run}`) };
      return told("run.question", {
        parked: true,
        question,
        step,
        command: { name: from, args: {} },
        server,
        ...answers,
      });
    }
    case "limit-near":
      return told("run.limit", { step: event.step, limit: event.limit, used: event.used, of: event.of });
    case "run-end": {
      const { reason, exitCode, steps, goals, usage, message, answer } = event;
      return told("run.end", {
        ...{ reason, exitCode, steps, message: message ?? null, answer: answer ?? null },
        goals: goals.map(({ goal, verdict }) => ({ goal, verdict })),
        costUsd: usage.costUsd,
        resume: isCompletedEnd(event) ? null : commandLine(`--resume ${run}`),
      });
    }
    default:
      return null;
  }
}

/** How much of each argument is told: the workspace's files stay where they are. */
const mostCharacters = 300;

type AskedEvent = { step: number; command: CommandCall; effect: string; remark?: string };

function askedIn({ step, command, effect, remark }: AskedEvent): object {
  const args = Object.entries(command.args).map(([name, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return [name, shortened(text)];
  });
  const told = { name: command.name, args: Object.fromEntries(args) as Record<string, string> };
  return { step, command: told, effect, ...(remark !== undefined && { remark }) };
}

const shortened = (text: string): string =>
  text.length > mostCharacters ? `${firstCharacters(text, mostCharacters)}…` : text;
