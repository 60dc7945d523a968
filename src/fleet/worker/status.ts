import { isObject, parseJson } from "../../base/json.js";
import type { RunStatus } from "../store/run-store.js";

/** The status of a run after one more line of its journal. */
export function followStatus(status: RunStatus, line: string): RunStatus {
  const event = parseJson(line);
  if (!isObject(event)) return status;
  switch (event["type"]) {
    case "run-start":
      return { ...status, ...textField("aiName", event["aiName"]), goals: goalsOf(event["goals"]) };
    case "run-resumed":
      return withoutEnd(status);
    case "step-end":
      return { ...status, steps: status.steps + 1, kills: 0 };
    case "run-end":
      return ended(status, event);
    default: {
      const cost = event["costUsd"];
      return typeof cost === "number" && cost > 0 ? { ...status, costUsd: status.costUsd + cost } : status;
    }
  }
}

/** Without what its last part ended with. */
export function withoutEnd({
  exitCode: _exitCode,
  reason: _reason,
  message: _message,
  ...status
}: RunStatus): RunStatus {
  return status;
}

function ended(status: RunStatus, event: Readonly<Record<string, unknown>>): RunStatus {
  const { goals, usage, exitCode, steps } = event;
  const cost = isObject(usage) ? usage["costUsd"] : undefined;
  const verdicts = Array.isArray(goals)
    ? goals.flatMap((goal) => (isObject(goal) && typeof goal["verdict"] === "string" ? [goal["verdict"]] : []))
    : [];
  return {
    ...status,
    verdicts,
    ...(typeof steps === "number" && { steps }),
    ...(typeof cost === "number" && { costUsd: cost }),
    ...(typeof exitCode === "number" && { exitCode }),
    ...textField("reason", event["reason"]),
    ...textField("message", event["message"]),
  };
}

const textField = <Name extends string>(name: Name, value: unknown): Partial<Record<Name, string>> =>
  typeof value === "string" ? ({ [name]: value } as Partial<Record<Name, string>>) : {};

const goalsOf = (goals: unknown): string[] =>
  Array.isArray(goals)
    ? goals.flatMap((goal) =>
        typeof goal === "string" ? [goal] : isObject(goal) && typeof goal["goal"] === "string" ? [goal["goal"]] : [],
      )
    : [];
