import { randomUUID } from "node:crypto";
import type { TestContext } from "node:test";
import type { Embed, MemoryOptions, OpenedMemory } from "../../src/memory/memory.js";
import { temporaryFolder } from "../support/program.js";
import type { MemoryUnderTest } from "./contract.js";
import { onlyEmbedding } from "./embedding/only-embedding.js";

/** A service that keeps memories: what opens one there, and with which options of its own. */
export type MemoryService<Options extends object> = {
  open(options: Options & MemoryOptions): Promise<OpenedMemory>;
  options: Options;
};

type Given<Options> = Partial<Options> & Partial<MemoryOptions> & { embed?: Embed | null };

/** A call that nothing aborts. */
export const quietCall = { step: 1, signal: new AbortController().signal };

/** Opens memories at one service and closes them when the test ends. */
export async function serviceMemories<Options extends object>(
  t: Pick<TestContext, "after">,
  service: MemoryService<Options>,
) {
  const directory = await temporaryFolder(t);
  const warnings: string[] = [];
  const opened: OpenedMemory[] = [];
  t.after(() => Promise.all(opened.map((memory) => memory.close())));
  return {
    directory,
    warnings,
    async open({ embed = null, ...options }: Given<Options> = {}): Promise<OpenedMemory> {
      const memory = await service.open({
        ...service.options,
        directory,
        index: "auto-gpt",
        aiName: "Ada",
        chooseEmbedding: onlyEmbedding("words", embed),
        warn: (message: string) => warnings.push(message),
        ...options,
      } as Options & MemoryOptions);
      opened.push(memory);
      return memory;
    },
  };
}

type ServiceMemories<Options extends object> = Awaited<ReturnType<typeof serviceMemories<Options>>>;

/** What the contract is called with for one service: each place is an index of its own there. */
export function atService<Options extends object>(
  service: MemoryService<Options>,
  facts: Omit<MemoryUnderTest, "place" | "open">,
): MemoryUnderTest {
  const places = new Map<string, ServiceMemories<Options>>();
  return {
    ...facts,
    async place(t) {
      const index = `test-${randomUUID().slice(0, 8)}`;
      places.set(index, await serviceMemories(t, service));
      return index;
    },
    async open(place, aiName, embed, model = "words") {
      const memories = places.get(place);
      if (memories === undefined) throw new Error(`${place} was not made by place()`);
      const chooseEmbedding = onlyEmbedding(model, embed);
      return memories.open({ index: place, aiName, chooseEmbedding } as Given<Options>);
    },
  };
}
