/** The nearest of these names, if it is near enough to be meant: at most two letters more, less, other or swapped. */
export const nearestName = (name: string, names: Iterable<string>, most = 2): string | undefined =>
  nearestAmong(names, most)(name);

/** The same for many names in turn. */
export function nearestAmong(names: Iterable<string>, most = 2): (name: string) => string | undefined {
  const candidates = [...names].map((candidate) => ({ candidate, letters: lettersOf(candidate) }));
  return (name) => {
    const own = lettersOf(name);
    let nearest: string | undefined;
    let least = most + 1;
    for (const { candidate, letters } of candidates) {
      if (Math.abs(candidate.length - name.length) >= least || apart(own, letters) > 2 * most) continue;
      const distance = editDistance(name, candidate, least);
      if (distance < least) [nearest, least] = [candidate, distance];
    }
    return nearest;
  };
}

/** Which letters there are, a bit for each: another one in place of a letter changes two of them at most. */
function lettersOf(name: string): number {
  let letters = 0;
  for (let index = 0; index < name.length; index++) letters |= 1 << (name.charCodeAt(index) & 31);
  return letters;
}

function apart(one: number, other: number): number {
  let count = 0;
  for (let bits = one ^ other; bits !== 0; bits &= bits - 1) count++;
  return count;
}

/** Damerau's distance with adjacent swaps (optimal string alignment), row by row; one of `most` or more may be told as any such number. */
function editDistance(one: string, other: string, most: number): number {
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1];
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const changed = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1));
      next.push(swapped ? Math.min(changed, (before[j - 2] ?? 0) + 1) : changed);
    }
    // A swap goes back to the row before the last one, nothing goes further.
    if (Math.min(...next) >= most && Math.min(...row) >= most) return most;
    [before, row] = [row, next];
  }
  return row[other.length] ?? 0;
}
