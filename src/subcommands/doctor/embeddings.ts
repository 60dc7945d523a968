import { ModelError } from "../../errors.js";
import { openAiEmbeddings } from "../../model/open-ai.js";
import { createTokenCounter } from "../../model/tokens.js";
import type { Check } from "./check.js";

/** The embedding model that memory needs; with --live one tiny real call. */
export const embeddingsCheck: Check = {
  id: "embeddings",
  async look({ live, server, settings, signal }) {
    const { entry, setting, deployment } = server.model("embedding");
    if (settings.memoryBackend === "no_memory") return { state: "ok", found: "not needed without memory" };
    if (server.server.isAzure && deployment === undefined) {
      const advice = "Set OPENAI_AZURE_EMBEDDINGS_DEPLOYMENT_ID, or go without memory: MEMORY_BACKEND=no_memory.";
      return { state: "warn", found: "Azure has no deployment of an embedding model", advice, fixes: withoutMemory };
    }
    const name = deployment ?? entry.name;
    if (!live) return { state: "ok", found: `${name} is set; --live tries it` };
    const model = openAiEmbeddings({
      server: server.server,
      entry,
      setting,
      deployment,
      counter: createTokenCounter(entry),
    });
    try {
      const { vectors } = await model.embed(["OK"], { step: 0, signal });
      return { state: "ok", found: `${name} answers with ${vectors[0]?.length ?? 0} numbers` };
    } catch (thrown) {
      if (!(thrown instanceof ModelError)) throw thrown;
      const advice = `Name a model that the server has in ${setting}, or go without memory: MEMORY_BACKEND=no_memory.`;
      return { state: "warn", found: thrown.message, advice, fixes: withoutMemory };
    }
  },
};

const withoutMemory = [{ setting: "MEMORY_BACKEND=no_memory" }];
