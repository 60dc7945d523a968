import { randomUUID } from "node:crypto";
import type { TestContext } from "node:test";
import { onlyEmbedding } from "./embedding/only-embedding.js";
import type { Embed, OpenedMemory, MemoryOptions } from "../../src/memory/memory.js";
import { temporaryFolder } from "../support/program.js";
import type { MemoryUnderTest } from "./contract.js";

type OpenService<Options> = (options: Options & MemoryOptions) => Promise<OpenedMemory>;
type Given<Options> = Partial<Options> & Partial<MemoryOptions> & { embed?: Embed | null };

/** Opens memories at one service and closes them when the test ends. */
export async function serviceMemories<Options extends object>(
  t: Pick<TestContext, "after">,
  open: OpenService<Options>,
  service: Options,
) {
  const directory = await temporaryFolder(t);
  const warnings: string[] = [];
  const opened: OpenedMemory[] = [];
  t.after(() => Promise.all(opened.map((memory) => memory.close())));
  return {
    directory,
    warnings,
    async open({ embed = null, ...options }: Given<Options> = {}): Promise<OpenedMemory> {
      const memory = await open({
        ...service,
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

export type ServiceMemories<Options extends object> = Awaited<ReturnType<typeof serviceMemories<Options>>>;

/** The contract at one service: a place is an index of its own. */
export function atService<Options extends object>(
  facts: Omit<MemoryUnderTest, "place" | "open">,
  memoriesOf: (t: Pick<TestContext, "after">) => Promise<ServiceMemories<Options>>,
): MemoryUnderTest {
  const places = new Map<string, ServiceMemories<Options>>();
  return {
    ...facts,
    async place(t) {
      const index = `test-${randomUUID().slice(0, 8)}`;
      places.set(index, await memoriesOf(t));
      return index;
    },
    async open(place, aiName, embed) {
      const memories = places.get(place);
      if (memories === undefined) throw new Error(`${place} was not made by place()`);
      return memories.open({ index: place, aiName, embed } as Given<Options>);
    },
  };
}
