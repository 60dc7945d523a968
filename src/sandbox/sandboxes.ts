import { chooseSandbox, noSandbox, type Choice, type ChooseOptions } from "./choose.js";
import type { Capability, Sandbox } from "./sandbox.js";

/** The sandboxes of a run: each is chosen when it is first needed, and then kept. */
export type Sandboxes = {
  choice(can: Capability): Promise<Choice>;
  /** Throws SandboxError where there is none. */
  open(can: Capability): Promise<Sandbox>;
  close(): Promise<void>;
};

export function createSandboxes(options: ChooseOptions): Sandboxes {
  const chosen = new Map<Capability, Promise<Choice>>();
  const choice = (can: Capability): Promise<Choice> => {
    const known = chosen.get(can) ?? chooseSandbox(can, options);
    chosen.set(can, known);
    return known;
  };
  return {
    choice,
    async open(can) {
      const found = await choice(can);
      if (found.sandbox === null) throw noSandbox(can, found);
      return found.sandbox;
    },
    async close() {
      for (const found of chosen.values()) await (await found).sandbox?.close?.();
    },
  };
}
