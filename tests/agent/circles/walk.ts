import { createCircles, type Circles } from "../../../src/agent/circles/circles.js";
import { allCommands } from "../../../src/commands/index.js";
import { toolCommand } from "../../../src/mcp/tool-command.js";
import { RunError } from "../../../src/errors.js";
import type { CircleFound, Step } from "../../../src/history/events.js";
import { reply } from "../../support/services/fake-open-ai.js";

/** A step as a scenario writes it: a command, its arguments, and what came of it. */
export type Act = {
  name: string | null;
  args?: Record<string, unknown>;
  said: string;
  ok?: boolean;
  outcome?: Step["outcome"];
  changed?: boolean;
  plan?: string;
  /** The hash of the workspace after it; by default it is always the same. */
  digest?: string;
  /** A program is at work in the background. */
  busy?: boolean;
};

export type Walk = { found: CircleFound[]; error: RunError | null; circles: Circles; steps: Step[] };

/** A tool of a program that is an MCP server, which may change any file. */
const ofServer = toolCommand(
  {
    config: {
      ...{ kind: "stdio", name: "notes", file: "x", timeoutMs: 1, command: "x", args: [], env: {}, cwd: "/" },
      sandbox: false,
    },
    tool: {
      ...{ name: "add", title: "", description: "", inputSchema: {} },
      hints: { readOnly: false, openWorld: false, destructive: true, idempotent: false },
    },
    name: "notes.add",
  },
  () => Promise.reject(new Error("it is not called")),
);
const map = new Map([...allCommands, ofServer].map((command) => [command.name, command]));

export const stepOf = (
  step: number,
  { name, args = {}, said, ok = true, outcome = "ran", changed, plan }: Act,
): Step => ({
  step,
  text: reply(name ?? "", args, { plan: plan ?? `plan ${step}` }),
  command: name === null ? null : { name, args },
  outcome,
  result: { ok, text: said, ...(changed === undefined ? {} : { changed }) },
});

/** Looks at these steps one after the other, until the run is ended for them. */
export async function walk(acts: readonly Act[], earlier?: Pick<Walk, "steps" | "found">): Promise<Walk> {
  const found: CircleFound[] = [];
  const steps: Step[] = [];
  let now: Act | undefined;
  const circles = createCircles({
    commands: map,
    emit: (event) => Promise.resolve(void (event.type === "circle-found" && found.push(event))),
    digest: () => Promise.resolve(now?.digest ?? "the same"),
    isBusy: () => now?.busy ?? false,
    ...earlier,
  });
  for (const act of acts) {
    now = act;
    const step = stepOf((earlier?.steps.length ?? 0) + steps.length + 1, act);
    steps.push(step);
    try {
      await circles.look(step);
    } catch (thrown) {
      if (!(thrown instanceof RunError)) throw thrown;
      return { found, error: thrown, circles, steps };
    }
  }
  return { found, error: null, circles, steps };
}
