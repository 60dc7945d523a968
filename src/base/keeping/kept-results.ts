/** How much is kept: so many texts, and all of them together no more than so many characters. */
export type Keeping = { texts?: number; characters?: number };

/**
 * The function, which has to give the same for the same text, with its results kept: for contexts and memories, which repeat from
 * step to step. The oldest are forgotten first; a text that would take a tenth of the room is not kept.
 */
export function keepResults<Result>(
  work: (text: string) => Result,
  { texts = 1000, characters = 4_000_000 }: Keeping = {},
): (text: string) => Result {
  const results = new Map<string, Result>();
  let kept = 0;
  return (text) => {
    if (text.length > characters / 10) return work(text);
    const known = results.get(text);
    if (known !== undefined) return known;
    const fresh = work(text);
    results.set(text, fresh);
    kept += text.length;
    for (const oldest of results.keys()) {
      if (results.size <= texts && kept <= characters) break;
      results.delete(oldest);
      kept -= oldest.length;
    }
    return fresh;
  };
}
