/** What may embed, by the names of EMBEDDING_PROVIDER: see createEmbeddingChoice. */
export const embeddingProviders = ["auto", "endpoint", "local", "none"] as const;
export type EmbeddingProvider = (typeof embeddingProviders)[number];

/** Whether the server may be asked to embed. */
export const mayAskServer = (provider: EmbeddingProvider): boolean => provider === "auto" || provider === "endpoint";
