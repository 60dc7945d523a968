/** A list of numbers as an answer of `/embeddings` has it; other forms stay as they are. */
const list = /"embedding"\s*:\s*\[([^[\]"]*)\]/g;
const kept = /"embedding":\{"dimension":(\d{1,5})\}/g;
/** So many characters a server's answer may have: more is made of no record either, whoever wrote it. */
const mostCharacters = 20_000_000;

/**
 * An answer of `/embeddings` with the length of each vector in its place. The vectors are several times as much text as all else that
 * comes into a step, and nothing in a replay depends on them.
 */
export const withoutVectors = (answer: string): string =>
  answer.replace(list, (_, numbers: string) => `"embedding":{"dimension":${dimensionOf(numbers)}}`);

/** The same answer with some vectors of these lengths. */
export function withSomeVectors(answer: string): string {
  let room = mostCharacters;
  return answer.replace(kept, (found, digits: string) => {
    const numbers = new Array<number>(Number(digits)).fill(1).join(",");
    room -= numbers.length;
    return room < 0 ? found : `"embedding":[${numbers}]`;
  });
}

const dimensionOf = (numbers: string): number => (numbers.trim() === "" ? 0 : numbers.split(",").length);
