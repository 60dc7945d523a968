/** How often each word occurs in a text: letters and digits, whatever stands between them. */
export function bagOf(text: string): Map<string, number> {
  const bag = new Map<string, number>();
  for (const [word] of text.matchAll(/[\p{L}\p{N}]+/gu)) bag.set(word, (bag.get(word) ?? 0) + 1);
  return bag;
}

/** How many words of one text are in another, each as often as it is in both. */
export const inCommon = (wanted: ReadonlyMap<string, number>, got: ReadonlyMap<string, number>): number =>
  sum([...wanted].map(([word, count]) => Math.min(count, got.get(word) ?? 0)));

export const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Mean, median, the value that a tenth lies below, and the least, in a line. */
export function spread(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((one, other) => one - other);
  const at = (part: number): string => (sorted[Math.floor(part * (sorted.length - 1))] ?? 0).toFixed(3);
  return `mean ${(sum(numbers) / numbers.length).toFixed(3)}, median ${at(0.5)}, p10 ${at(0.1)}, min ${at(0)}`;
}
