import { join } from "node:path";
import type { Mask } from "../base/mask.js";
import { asItIs, type EmbeddingChoice } from "../memory/embedding/choose.js";
import { limitRecords } from "../memory/wrappers.js";
import type { Memory } from "../memory/memory.js";
import { openMemory } from "../memory/open-memory.js";
import { memoryServices } from "../settings/memory-services.js";
import type { Settings } from "../settings/schema.js";

export type MemoryRequest = {
  settings: Settings;
  backend: Settings["memoryBackend"];
  aiName: string;
  embeddings: EmbeddingChoice;
  mask: Mask;
  warn(message: string): void;
  /** Forgets everything of this AI before anything else is looked at. */
  wipe?: boolean;
  /** Takes the memory with whatever it was made: for looking into it, and for embedding it anew. */
  asItIs?: boolean;
};

/** The memory of one AI, by the settings. No secret enters it. Throws SettingsError where it cannot be opened. */
export async function createMemory(request: MemoryRequest): Promise<Memory> {
  const { settings, backend, aiName, embeddings, mask, warn, wipe = false } = request;
  const memory = await openMemory(backend, {
    directory: join(settings.home, "memory"),
    index: settings.memoryIndex,
    aiName,
    chooseEmbedding: request.asItIs ? asItIs(embeddings.choose) : embeddings.choose,
    warn,
    wipe,
    ...memoryServices(settings),
  });
  return withoutSecrets(limitRecords(embeddings.follow(memory)), mask);
}

const withoutSecrets = (memory: Memory, mask: Mask): Memory => ({
  ...memory,
  add: (text, source, call) => memory.add(mask(text), source, call),
  addMany: (records, call) => {
    const masked = records.map(({ text, source }) => ({ text: mask(text), source }));
    return memory.addMany(masked, call);
  },
  async import(records, call) {
    const masked = async function* () {
      for await (const record of records) yield { ...record, text: mask(record.text) };
    };
    return memory.import(masked(), call);
  },
});
