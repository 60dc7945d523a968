import { memoryBackends } from "../../memory/backends.js";
import { embeddingProviders } from "../../memory/embedding/providers.js";
import { setting } from "../setting.js";
import {
  choice,
  cloudRegion,
  key,
  plainName,
  redisAddress,
  text,
  truth,
  webAddress,
  wholeNumber,
} from "../value-types.js";

const memory = "Memory";
const redis = "Memory on Redis (MEMORY_BACKEND=redis)";
const pinecone = "Memory at Pinecone (MEMORY_BACKEND=pinecone)";

/** The memory, and what embeds for it. */
export const memorySettings = {
  memoryBackend: setting({
    group: memory,
    environment: ["MEMORY_BACKEND"],
    flag: { long: "--use-memory", short: "-m", argument: "TYPE" },
    type: choice(...memoryBackends),
    default: "local",
    help: `Where memory is kept: ${memoryBackends.join(", ")}`,
  }),
  memoryIndex: setting({
    group: memory,
    environment: ["MEMORY_INDEX"],
    type: plainName(),
    default: "auto-gpt",
    help: "Name of the memory's index",
  }),
  embeddingProvider: setting({
    group: memory,
    environment: ["EMBEDDING_PROVIDER"],
    type: choice(...embeddingProviders),
    default: "auto",
    help: "What makes texts comparable: auto, endpoint (the server's EMBEDDING_MODEL), local (offline, English), none (words)",
  }),
  wipeMemory: setting({
    group: memory,
    flag: { long: "--wipe-memory" },
    type: truth(),
    default: false,
    help: "Forget what this AI remembers before it starts",
  }),
};

/** The services that keep some memories. */
export const memoryServiceSettings = {
  redisUrl: setting({
    group: redis,
    environment: ["REDIS_URL"],
    type: redisAddress(),
    // The address may hold a password; elsewhere only that password is masked, not the whole address.
    hidden: true,
    example: "redis://:password@localhost:6379/0",
    help: "The server's whole address, in place of the next four; rediss:// is TLS",
  }),
  redisHost: setting({
    group: redis,
    environment: ["REDIS_HOST"],
    type: text("the name or address of a computer"),
    default: "localhost",
    help: "Where the server runs",
  }),
  redisPort: setting({
    group: redis,
    environment: ["REDIS_PORT"],
    type: wholeNumber(1, 65_535),
    default: 6379,
    help: "Its port",
  }),
  redisPassword: setting({
    group: redis,
    environment: ["REDIS_PASSWORD"],
    type: text("a password"),
    secret: true,
    placeholder: "your-redis-password",
    help: "Its password, where it asks for one",
  }),
  redisTls: setting({
    group: redis,
    environment: ["REDIS_TLS"],
    type: truth(),
    default: false,
    help: "Speak TLS with it",
  }),
  wipeRedisOnStart: setting({
    group: redis,
    environment: ["WIPE_REDIS_ON_START"],
    type: truth(),
    default: false,
    help: "Forget what this AI remembers before a new run starts; nothing else on the server is touched",
  }),
  pineconeApiKey: setting({
    group: pinecone,
    environment: ["PINECONE_API_KEY"],
    type: key(),
    secret: true,
    placeholder: "your-pinecone-api-key",
    help: "Your key, from https://app.pinecone.io",
  }),
  pineconeCloud: setting({
    group: pinecone,
    environment: ["PINECONE_CLOUD"],
    type: choice("aws", "gcp", "azure"),
    example: "aws",
    help: "Where the index MEMORY_INDEX is made if it is missing: aws (the default), gcp, azure",
  }),
  pineconeRegion: setting({
    group: pinecone,
    environment: ["PINECONE_REGION"],
    type: text("a region such as us-east-1"),
    example: "us-east-1",
    help: "Region of that cloud",
  }),
  pineconeEnvironment: setting({
    group: pinecone,
    environment: ["PINECONE_ENV"],
    type: cloudRegion(),
    example: "us-east-1-aws",
    help: "Region and cloud in one, as earlier versions had it; the two above win over it",
  }),
  pineconeBaseUrl: setting({
    group: pinecone,
    environment: ["PINECONE_API_BASE_URL"],
    type: webAddress(),
    default: "https://api.pinecone.io",
    help: "Address of the service",
  }),
};
