import assert from "node:assert/strict";
import { test } from "node:test";
import { openMemory } from "../../src/memory/open-memory.js";
import { temporaryFolder } from "../support/program.js";
import { wordsEmbedding } from "./words-embedding.js";

test("opens the memory that is named, and no other in its place", async (t) => {
  const options = {
    directory: await temporaryFolder(t),
    index: "auto-gpt",
    aiName: "Ada",
    embed: wordsEmbedding().embed,
    embeddingModel: "words",
    warn: (message: string) => assert.fail(message),
  };
  for (const backend of ["local", "no_memory"] as const) {
    assert.equal((await (await openMemory(backend, options)).stats()).backend, backend);
  }
  for (const backend of ["redis", "pinecone"] as const) {
    await assert.rejects(openMemory(backend, options), {
      name: "SettingsError",
      message: `MEMORY_BACKEND=${backend} is not available in this version yet; use MEMORY_BACKEND=local or no_memory.`,
    });
  }
});
