import type { Tape } from "../../cassette/tape.js";
import type { Hook } from "../../hooks/hook.js";
import type { Hooks, HooksOptions } from "../../hooks/hooks.js";
import type { Ai } from "../refuse-secrets.js";

type Hooking = Pick<HooksOptions, "run" | "signal" | "heard"> & {
  hooks: readonly Hook[];
  ai: Ai;
  continuous: boolean;
  workspaceDirectory: string;
};

/** The hooks of a run; null where it has none. Few have: what runs them is imported for those alone. */
export async function openHooks(
  { hooks, ai, continuous, workspaceDirectory, run, signal, heard }: Hooking,
  { tape, ...parts }: Pick<HooksOptions, "emit" | "mask"> & { tape: Tape | null },
): Promise<Hooks | null> {
  if (hooks.length === 0) return null;
  const { createHooks } = await import("../../hooks/hooks.js");
  const { aiName, aiRole, goals } = ai;
  return createHooks({
    ...{ hooks, run, signal, heard, workspace: workspaceDirectory },
    ai: { aiName, aiRole, goals: goals.map(({ goal }) => goal), continuous },
    ...parts,
    ...(tape && {
      over: (hook, step, work) => tape.outcome("hook", { moment: hook.event, program: hook.line, step }, work, signal),
    }),
  });
}
