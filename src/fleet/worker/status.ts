import { isObject } from "../../base/json.js";
import type { RunStatus } from "../store/run-store.js";

/** Whether nobody works on the run any more, unless it is tried again. */
export const isOver = ({ state }: Pick<RunStatus, "state">): boolean => state === "ended" || state === "cancelled";

/** The status of a run after one more event of its journal; what it cost is not in it. */
export function followStatus(status: RunStatus, event: Readonly<Record<string, unknown>>): RunStatus {
  switch (event["type"]) {
    case "run-start":
      return { ...status, ...textField("aiName", event["aiName"]), goals: goalsOf(event["goals"]) };
    case "run-resumed":
      return withoutEnd(status);
    case "step-end":
      return { ...status, steps: status.steps + 1, kills: 0 };
    case "run-end":
      return ended(status, event);
    default:
      return status;
  }
}

/** Without what its last part ended with. */
export function withoutEnd({
  exitCode: _exitCode,
  reason: _reason,
  message: _message,
  failure: _failure,
  needsUsd: _needsUsd,
  asks: _asks,
  ...status
}: RunStatus): RunStatus {
  return status;
}

/** The same for one that does not wait any more for what it was parked for; how it ended before stays. */
export const withoutWaiting = ({ needsUsd: _needsUsd, asks: _asks, ...status }: RunStatus): RunStatus => status;

/** The same for one of which another part begins: how its model's server failed was that of the last one. */
export const withoutFailure = ({ failure: _failure, ...status }: RunStatus): RunStatus => status;

function ended(status: RunStatus, event: Readonly<Record<string, unknown>>): RunStatus {
  const { goals, exitCode, steps } = event;
  const verdicts = Array.isArray(goals)
    ? goals.flatMap((goal) => (isObject(goal) && typeof goal["verdict"] === "string" ? [goal["verdict"]] : []))
    : [];
  return {
    ...status,
    verdicts,
    ...(typeof steps === "number" && { steps }),
    ...(typeof exitCode === "number" && { exitCode }),
    ...textField("reason", event["reason"]),
    ...textField("message", event["message"]),
    ...textField("failure", event["failure"]),
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
