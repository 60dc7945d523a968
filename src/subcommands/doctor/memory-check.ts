import { createEmbeddings } from "../../compose/models.js";
import { createMemory } from "../../compose/memory.js";
import { messageForPerson } from "../../errors.js";
import { createMask } from "../../base/mask.js";
import { remembers } from "../../memory/backends.js";
import type { MemoryStats } from "../../memory/memory.js";
import { defaultAi } from "../../settings/ai/ai-settings.js";
import { aiHere } from "../memory/own-memory.js";
import type { DoctorCheck, Finding, DoctorContext } from "./check.js";
import { counted } from "../../base/text.js";

/** Whether the memory that is set can be opened, and goes with the embeddings that are set. Nothing in it is changed. */
export const memoryCheck: DoctorCheck = {
  id: "memory",
  async look(context) {
    const { settings } = context;
    const aiName = await ownName(context).catch(() => null);
    if (aiName === null) {
      const found = `not looked at: ${settings.aiSettingsFile} cannot be read`;
      return { state: "warn", found, advice: "Correct that file first." };
    }
    try {
      const warnings: string[] = [];
      const stats = await open(context, aiName, (text) => void warnings.push(text));
      if (warnings.length > 0)
        return { state: "warn", found: warnings.join(" "), advice: "Correct what the warning names." };
      return { state: "ok", found: described(stats, aiName) };
    } catch (thrown) {
      context.signal.throwIfAborted();
      return failed(messageForPerson(thrown));
    }
  },
};

const ownName = async ({ settings }: DoctorContext): Promise<string> => (await aiHere(settings)) ?? defaultAi.aiName;

async function open({ loaded, settings, signal }: DoctorContext, aiName: string, warn: (text: string) => void) {
  const backend = settings.memoryBackend;
  const limits = { steps: null, costUsd: null, tokens: null, seconds: null };
  const emit = () => Promise.resolve();
  const request = { settings, memoryBackend: backend, limits, spent: null, emit, signal, warn };
  const { chooseEmbedding } = await createEmbeddings(request);
  const mask = createMask(loaded.secrets);
  const memory = await createMemory({ settings, backend, aiName, chooseEmbedding, mask, warn });
  try {
    return await memory.stats();
  } finally {
    await memory.close();
  }
}

function described({ backend, records, embeddingModel, detail }: MemoryStats, aiName: string): string {
  if (!remembers(backend)) return "no memory is set";
  const holds = `${counted(records, "record")}${embeddingModel === null ? "" : ` by ${embeddingModel}`}`;
  return [`${backend}, ${holds}, of ${JSON.stringify(aiName)}`, ...(detail === null ? [] : [detail])].join(", ");
}

const failed = (found: string): Finding => ({
  state: "fail",
  found,
  advice: "Correct what is named there, or set MEMORY_BACKEND=no_memory.",
  fixes: [{ setting: "MEMORY_BACKEND=no_memory" }],
});
