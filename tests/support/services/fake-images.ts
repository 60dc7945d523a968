/** A PNG of one white point. */
export const onePixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4////fwAJ+wP9KobjigAAAABJRU5ErkJggg==",
  "base64",
);

/** An answer in shape as OpenAI's models for images give it. */
export const imageAnswer = {
  created: 0,
  data: [{ b64_json: onePixel.toString("base64") }],
  usage: {
    total_tokens: 1070,
    input_tokens: 14,
    output_tokens: 1056,
    input_tokens_details: { text_tokens: 14, image_tokens: 0 },
  },
};
