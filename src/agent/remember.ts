import type { Emit } from "../history/emit.js";
import type { Step } from "../history/events.js";
import type { Memory, Once } from "../memory/memory.js";
import { recordOf } from "../prompt/memories.js";

/** A step that memory would not take is tried again this often; a later resume of the run tries once more. */
const mostTries = 3;

/** What puts finished steps into memory. The journal says of each afterwards that it is there, and of no other. */
export interface StepMemory {
  /** Of a step that has just been finished. Once memory takes it, steps that it did not take before follow. */
  remember(step: Step): Promise<void>;
  /** Of steps of which it is not known whether they are in memory. Stops at the first that memory does not take. */
  makeUpFor(steps: readonly Step[]): Promise<void>;
}

/** What a step leaves for memory, which is put there while the next reply is waited for. */
export interface Remembering {
  /** Of a step that has just been finished. What was left before has to be done. */
  leave(step: Step): void;
  /** Begins to put it there, where that has not begun. */
  begin(): void;
  /** Resolves when it is there, and begins with it where that is still to do. Throws what that fails with, once. */
  done(): Promise<void>;
}

export function rememberBeside(memory: StepMemory): Remembering {
  let left: Step | null = null;
  let going: Promise<void> = Promise.resolve();
  const begin = (): void => {
    if (left === null) return;
    going = memory.remember(left);
    // It is told of by `done`.
    going.catch(() => undefined);
    left = null;
  };
  return {
    leave: (step) => void (left = step),
    begin,
    async done() {
      begin();
      const begun = going;
      going = Promise.resolve();
      await begun;
    },
  };
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
    async remember(step) {
      if (await keep(agent, step, "new")) await makeUp();
      else missing.push({ step, tries: 1 });
    },
    async makeUpFor(steps) {
      missing.push(...steps.map((step) => ({ step, tries: 0 })));
      await makeUp();
    },
  };
}

/** Whether memory has the step now. */
async function keep(agent: RememberingAgent, done: Step, once: Once): Promise<boolean> {
  const { step } = done;
  const source = { run: agent.run, step, kind: "step" } as const;
  const isKept = await agent.memory.add(recordOf(done), source, { step, signal: agent.signal }, once);
  if (isKept) await agent.emit({ type: "step-remembered", step });
  return isKept;
}
