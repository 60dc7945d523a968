import { chooseSandbox, noSandbox, type Choice, type ChooseOptions } from "./choose.js";
import type { Capability, Sandbox } from "./sandbox.js";

/** The sandboxes of a run: each is chosen when it is first needed, and then kept. */
export type Sandboxes = {
  /** What the settings let confined code reach. */
  readonly network: "nothing" | "named hosts" | "any host";
  choice(can: Capability): Promise<Choice>;
  /** Throws SandboxError where there is none. */
  open(can: Capability): Promise<Sandbox>;
  /** The same where confined code reaches no network. */
  offline(): Sandboxes;
  close(): Promise<void>;
};

export function createSandboxes(options: ChooseOptions): Sandboxes {
  const chosen = new Map<Capability, Promise<Choice>>();
  const choice = (can: Capability): Promise<Choice> => {
    const known = chosen.get(can) ?? chooseSandbox(can, options);
    chosen.set(can, known);
    return known;
  };
  let withoutNetwork: Sandboxes | null = null;
  const sandboxes: Sandboxes = {
    network: options.network === false ? "nothing" : options.network === true ? "any host" : "named hosts",
    choice,
    async open(can) {
      const found = await choice(can);
      if (found.sandbox === null) throw noSandbox(can, found);
      return found.sandbox;
    },
    offline: () =>
      options.network === false ? sandboxes : (withoutNetwork ??= createSandboxes({ ...options, network: false })),
    async close() {
      for (const found of chosen.values()) await (await found).sandbox?.close?.();
      await withoutNetwork?.close();
    },
  };
  return sandboxes;
}
