/*
 * A checksum that the kernel makes while it scores rows: of the bytes as four lanes of 32-bit numbers, a running sum and the running sum of
 * these sums (as in Fletcher's checksum), modulo 2^32. The first changes with any changed byte, the second also with the places of
 * bytes that are exchanged.
 */

/** The sums of no bytes: four running sums, then the four sums of them. They begin at 1, so that zeros have sums as well. */
export const noSums = (): Uint32Array => Uint32Array.of(1, 1, 1, 1, 0, 0, 0, 0);

/** Adds numbers, four by four, to sums that were made of what is before them. */
export function addToSums(numbers: Uint32Array, sums: Uint32Array): void {
  for (let lane = 0; lane < 4; lane += 1) {
    let [sum, ofSums] = [(sums[lane] as number) | 0, (sums[4 + lane] as number) | 0];
    for (let place = lane; place < numbers.length; place += 4) {
      sum = (sum + (numbers[place] as number)) | 0;
      ofSums = (ofSums + sum) | 0;
    }
    sums[lane] = sum;
    sums[4 + lane] = ofSums;
  }
}
