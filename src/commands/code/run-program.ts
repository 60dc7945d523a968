import type { CommandResult } from "../../history/event-parts.js";
import type { Sandbox, Ended } from "../../sandbox/sandbox.js";
import type { CodeContext } from "./code-context.js";

/** Runs a program to its end, and notes who confined it and, unless others find it out, whether something in the workspace is different now. */
export async function runProgram(
  code: CodeContext,
  sandbox: Sandbox,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<{ ended: Ended; facts: Pick<CommandResult, "sandbox" | "changed"> }> {
  const before = await code.printOfWorkspace();
  const running = await sandbox.start(argv, {
    limits: code.limits,
    signal,
    ...(code.onOutput && { onOutput: code.onOutput }),
  });
  const ended = await running.ended;
  const facts = { sandbox: sandbox.backend };
  if (before === null) return { ended, facts };
  return { ended, facts: { ...facts, changed: (await code.printOfWorkspace()) !== before } };
}
