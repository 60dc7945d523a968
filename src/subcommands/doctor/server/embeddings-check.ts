import { ModelError } from "../../../errors.js";
import { remembers } from "../../../memory/backends.js";
import { hasOfflineEmbedding, missingPackages, offlineModel } from "../../../memory/embedding/offline.js";
import { openAiEmbeddings } from "../../../model/openai/embeddings.js";
import { createTokenCounter } from "../../../model/tokens.js";
import type { DoctorCheck, Finding, DoctorContext } from "../check.js";

/** What embeds for the memory; with --live the server's model is tried with one tiny real call. */
export const embeddingsCheck: DoctorCheck = {
  id: "embeddings",
  look(context) {
    const { memoryBackend, embeddingProvider } = context.settings;
    if (!remembers(memoryBackend)) return Promise.resolve({ state: "ok", found: "not needed without memory" });
    switch (embeddingProvider) {
      case "none":
        return Promise.resolve({ state: "ok", found: "none are wanted: memory recalls by words" });
      case "local":
        return Promise.resolve(offline());
      case "auto":
      case "endpoint":
        return endpoint(context);
    }
  },
};

const offline = (): Finding =>
  hasOfflineEmbedding()
    ? { state: "ok", found: `the offline model ${offlineModel}` }
    : { state: "fail", found: missingPackages().message, advice: "Set EMBEDDING_PROVIDER=none.", fixes: byWords };

async function endpoint({ live, server, signal }: DoctorContext): Promise<Finding> {
  const { entry, setting, deployment } = server.model("embedding");
  if (server.server.isAzure && deployment === undefined) {
    const advice = "Set OPENAI_AZURE_EMBEDDINGS_DEPLOYMENT_ID, or recall by words: EMBEDDING_PROVIDER=none.";
    return { state: "warn", found: "Azure has no deployment of an embedding model", advice, fixes: byWords };
  }
  const name = deployment ?? entry.name;
  if (!live) return { state: "ok", found: `${name} is set; --live tries it` };
  const counter = createTokenCounter(entry);
  const model = openAiEmbeddings({ server: server.server, entry, setting, deployment, counter });
  try {
    const { vectors } = await model.send({ texts: ["OK"], step: 0, signal });
    return { state: "ok", found: `${name} answers with ${vectors[0]?.length ?? 0} numbers` };
  } catch (thrown) {
    if (!(thrown instanceof ModelError)) throw thrown;
    if (thrown.kind === "wrong-key")
      return { state: "warn", found: thrown.message, advice: thrown.advice ?? "Check OPENAI_API_KEY." };
    const advice = `Name a model that the server has in ${setting}, or recall by words: EMBEDDING_PROVIDER=none.`;
    return { state: "warn", found: thrown.message, advice, fixes: byWords };
  }
}

const byWords = [{ setting: "EMBEDDING_PROVIDER=none" }];
