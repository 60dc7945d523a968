/** The body of a chat completion, as the real service sends it; without `usage` it says nothing about it. */
export const completionBody = (model: string, content: string | null, finish: string, usage: object | null) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 0,
  model,
  choices: [{ index: 0, message: { role: "assistant", content, refusal: null }, finish_reason: finish }],
  ...(usage && { usage }),
});

export type Used = { prompt: number; cached: number; written?: number; completion: number };

export const usageOf = ({ prompt, cached, written = 0, completion }: Used) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
  prompt_tokens_details: { cached_tokens: cached, ...(written > 0 && { cache_write_tokens: written }) },
});

/** The body of an answer with embeddings. */
export const embeddingsBody = (model: string, vectors: readonly number[][], tokens: number) => ({
  object: "list",
  data: vectors.map((embedding, index) => ({ object: "embedding", index, embedding })),
  model,
  usage: { prompt_tokens: tokens, total_tokens: tokens },
});

/** A unit vector that depends on the words of the text alone: texts that share words lie near each other. */
export function bagOfWords(text: string, dimension = 64): number[] {
  const vector = new Array<number>(dimension).fill(0);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    let hash = 2166136261;
    for (let index = 0; index < word.length; index++) hash = Math.imul(hash ^ word.charCodeAt(index), 16777619) >>> 0;
    const place = hash % dimension;
    vector[place] = (vector[place] ?? 0) + 1;
  }
  const length = Math.hypot(...vector);
  if (length === 0) vector[0] = 1;
  return vector.map((value) => value / (length || 1));
}
