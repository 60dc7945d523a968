import { dotProduct, unitVector } from "../../../../src/memory/vectors/cosine.js";
import { seededNumbers } from "../../../support/seeded-numbers.js";

export const topics = 40;
export const textsOfTopic = 16;

/** Numbers between -1 and 1, always the same ones. */
function numbersFrom(seed: number): () => number {
  const next = seededNumbers(seed);
  return () => 2 * next() - 1;
}

const sum = (...parts: readonly [factor: number, vector: Float32Array][]): Float32Array =>
  unitVector(
    Float32Array.from({ length: parts[0]?.[1].length ?? 0 }, (_, place) =>
      parts.reduce((total, [factor, vector]) => total + factor * (vector[place] ?? 0), 0),
    ),
  );

/** What of a vector stands at a right angle to the others, which have length 1 and stand so to each other. */
const upright = (vector: Float32Array, ...others: readonly Float32Array[]): Float32Array =>
  sum(
    [1, vector],
    ...others.map((other): [number, Float32Array] => [-dotProduct(vector, other) / dotProduct(other, other), other]),
  );

/**
 * Vectors that lie as a model's embeddings of real texts do: 1,536 numbers of which a few are far larger than the rest, all
 * within a cone (no cosine is below 0.58), in topics, of which each has its opposite, and with near copies. By topic, 16
 * each: the nearest to the first of a topic are the first itself and then the others of its topic, in their order.
 */
export const textVectors = (): readonly Float32Array[] => (made ??= makeTextVectors());

let made: Float32Array[] | undefined;

function makeTextVectors(): Float32Array[] {
  const next = numbersFrom(2023);
  const random = (): Float32Array => unitVector(Float32Array.from({ length: 1536 }, next));
  const common = random().map((value, place) => ({ 3: -0.6, 411: 0.2, 1290: -0.17 })[place] ?? 0.7 * value);
  const cone = unitVector(common);
  const vectors: Float32Array[] = [];
  let topic = upright(random(), cone);
  for (let number = 0; number < topics; number += 1) {
    topic = number % 2 === 1 ? topic.map((value) => -value) : upright(random(), cone);
    for (let text = 0; text < textsOfTopic; text += 1) {
      const angle = text === 0 ? 0 : 0.004 * 1.45 ** text;
      const own = sum([Math.cos(angle), topic], [Math.sin(angle), upright(random(), cone, topic)]);
      vectors.push(sum([0.89, cone], [0.456, own]));
    }
  }
  return vectors;
}
