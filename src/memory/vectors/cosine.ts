/** The vector scaled to length 1, so that a dot product is the cosine. A vector of zeros stays as it is. */
export function unitVector(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dotProduct(vector, vector));
  return length === 0 ? vector : vector.map((value) => value / length);
}

/** The dot product: the cosine where both vectors have length 1. */
export function dotProduct(first: Float32Array, second: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < first.length; index += 1) sum += (first[index] ?? 0) * (second[index] ?? 0);
  return sum;
}

/** The weighted mean of several vectors, scaled to length 1. */
export function meanVector(vectors: readonly Float32Array[], weights: readonly number[]): Float32Array {
  const mean = new Float32Array(vectors[0]?.length ?? 0);
  vectors.forEach((vector, number) => {
    const weight = weights[number] ?? 1;
    for (let index = 0; index < mean.length; index += 1)
      mean[index] = (mean[index] ?? 0) + weight * (vector[index] ?? 0);
  });
  return unitVector(mean);
}
