/** How the form of a reply is enforced: by its JSON schema, as some JSON object, or by asking for it alone. */
export type ReplyMode = "schema" | "object" | "text";

/** What a model's template takes: any conversation, roles that alternate, or that without a system message. */
export type MessageShape = "as-is" | "alternating" | "no-system";

/** What one model behind one address turned out to take. */
export type ModelCapabilities = {
  /** Optional parameters that are left out. */
  refused: readonly string[];
  /** How the reply's form is enforced; undefined: as the catalog says, else in the strictest way. */
  reply?: ReplyMode;
  shape: MessageShape;
  /** Hidden reasoning once used up a whole answer, so answers get more room from the start. */
  thinks: boolean;
  /** The most that an answer may have, in tokens; undefined where no limit was too large so far. */
  mostAnswer?: number;
  /** Some of this was tried without the server having named it: it is found out anew after a day. */
  guessed?: boolean;
  /** Whether answers say how many tokens they took; undefined before the first. */
  usage?: boolean;
  /** Whether a request that says what of its prompt to keep has been answered; undefined before the first. */
  promptCache?: boolean;
  /** Which API the model is asked by, where the server said so; undefined where that was not in question. */
  api?: "chat" | "responses";
  /** A request in this form has been answered, so a refusal without a reason is not about the form. */
  proven: boolean;
  /** How many refused requests it took to find this out. */
  refusals: number;
};

/** What is known about the models behind one address, shared by everything that asks them. */
export interface ServerCapabilities {
  of(model: string): ModelCapabilities;
  /** Changes what is known. It is kept for later runs once the model has answered (`proven`). */
  learn(model: string, change: Partial<ModelCapabilities>): void;
}

export type KnownCapabilities = Readonly<Record<string, Partial<ModelCapabilities>>>;

const nothingKnown: ModelCapabilities = { refused: [], shape: "as-is", thinks: false, proven: false, refusals: 0 };

/** Starts with what earlier runs found out; `keep` is told of each model whose capabilities have changed and are proven. */
export function createServerCapabilities(
  known: KnownCapabilities = {},
  keep: (model: string, capabilities: ModelCapabilities) => void = () => undefined,
): ServerCapabilities {
  const capabilities = new Map<string, ModelCapabilities>();
  for (const [model, own] of Object.entries(known)) capabilities.set(model, { ...nothingKnown, ...own });
  const changed = new Set<string>();
  const of = (model: string): ModelCapabilities => capabilities.get(model) ?? nothingKnown;
  return {
    of,
    learn(model, change) {
      const before = of(model);
      const after = { ...before, ...change };
      if (JSON.stringify(after) === JSON.stringify(before)) return;
      capabilities.set(model, after);
      changed.add(model);
      if (!after.proven) return;
      changed.delete(model);
      keep(model, after);
    },
  };
}
