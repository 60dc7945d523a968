import type { PreparedCommand } from "../commands/prepare.js";
import { RunError } from "../errors.js";

/** What the user said to a command: run it, or a text for the model instead. Stopping is thrown as RunError. */
export type Verdict = { kind: "run" } | { kind: "feedback"; text: string };
export type Approve = (command: PreparedCommand, step: number) => Promise<Verdict>;

/** What the user typed, understood: `count` is how many commands may run, this one included. */
export type Permission = { kind: "run"; count: number } | { kind: "feedback"; text: string } | { kind: "stop" };

export const allowAll: Approve = async () => ({ kind: "run" });

/** Asks about every command, except those that an earlier `y -N` allowed: exactly N commands start. */
export function askFor(ask: (command: PreparedCommand, step: number) => Promise<Permission>): Approve {
  let left = 0;
  return async (command, step) => {
    if (left > 0) {
      left -= 1;
      return { kind: "run" };
    }
    const answer = await ask(command, step);
    switch (answer.kind) {
      case "run":
        left = answer.count - 1;
        return { kind: "run" };
      case "feedback":
        return answer;
      case "stop":
        throw new RunError("user-stopped", "Stopped by the user. autogpt --resume goes on from here.");
    }
  };
}
