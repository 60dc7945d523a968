import type { Emit } from "../history/emit.js";
import type { Step } from "../history/events.js";
import type { Memory, Once } from "../memory/memory.js";

/** A step that memory would not take is tried again this often; a later resume of the run tries once more. */
const mostTries = 3;

/** What puts finished steps into memory. The journal says of each afterwards that it is there, and of no other. */
export interface StepMemory {
  /**
   * Of a step that has just been finished. Once memory takes it, steps that it did not take before follow. `next`: what memory is
   * likely to be asked next; null where that is not known.
   */
  remember(step: Step, next?: string | null): Promise<void>;
  /** Of steps of which it is not known whether they are in memory. Stops at the first that memory does not take. */
  makeUpFor(steps: readonly Step[]): Promise<void>;
}

type RememberingAgent = { memory: Pick<Memory, "add">; run: string; signal: AbortSignal; emit: Emit };

export function createStepMemory(agent: RememberingAgent): StepMemory {
  let missing: { step: Step; tries: number }[] = [];
  const makeUp = async (): Promise<void> => {
    for (let [oldest] = missing; oldest !== undefined; [oldest] = missing) {
      oldest.tries += 1;
      const isKept = await keep(agent, oldest.step, "perhaps-there");
      if (isKept || oldest.tries >= mostTries) missing = missing.slice(1);
      if (!isKept) return;
    }
  };
  return {
    async remember(step, next = null) {
      if (await keep(agent, step, "new", next)) await makeUp();
      else missing.push({ step, tries: 1 });
    },
    async makeUpFor(steps) {
      missing.push(...steps.map((step) => ({ step, tries: 0 })));
      await makeUp();
    },
  };
}

/** Whether memory has the step now. */
async function keep(
  agent: RememberingAgent,
  { step, text, result }: Step,
  once: Once,
  next: string | null = null,
): Promise<boolean> {
  const record = `Assistant Reply: ${text}\nResult: ${result.text}`;
  const source = { run: agent.run, step, kind: "step" } as const;
  const isKept = await agent.memory.add(record, source, { step, signal: agent.signal }, once, next);
  if (isKept) await agent.emit({ type: "step-remembered", step });
  return isKept;
}
