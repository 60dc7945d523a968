import type { MemoryServices } from "../memory/backends.js";
import type { Settings } from "./schema.js";

/** How the memories on Redis and at Pinecone are reached. */
export function memoryServices(settings: Settings): MemoryServices {
  const { pineconeCloud, pineconeRegion, pineconeEnvironment } = settings;
  return {
    redis: {
      url: settings.redisUrl,
      host: settings.redisHost,
      port: settings.redisPort,
      password: settings.redisPassword,
      tls: settings.redisTls,
    },
    pinecone: {
      apiKey: settings.pineconeApiKey,
      baseUrl: settings.pineconeBaseUrl,
      cloud: pineconeCloud ?? pineconeEnvironment?.cloud ?? "aws",
      region: pineconeRegion ?? pineconeEnvironment?.region ?? "us-east-1",
    },
  };
}
