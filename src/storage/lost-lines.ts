/** Zeros where a file grew and its content did not reach the disk; no line of JSON has a single one. */
export const holeOfFile = Buffer.alloc(8);

/**
 * What a power cut takes of lines that no sync has brought to the disk may lie before others that are there. These go with it, unless one
 * of them was synced: then what stands before it was on disk, and the hole has come later. The power may have gone during that sync, where nothing
 * stands behind the line, or, where they `areSyncedTogether`, nothing but others that are synced.
 */
export function followHole(isSynced: ((line: unknown) => boolean) | undefined, areSyncedTogether = false) {
  let [follows, synced] = [false, false];
  return {
    begin(hasHole: boolean): void {
      follows = hasHole && isSynced !== undefined;
    },
    /** Whether this line may be behind a hole that a power cut has made. */
    mayGoOn(line: Buffer): boolean {
      if (!follows || (synced && !areSyncedTogether)) return (follows = false);
      const parsed = parseLine(line.toString("utf8"));
      const isOne = parsed.ok && isSynced?.(parsed.value) === true;
      if (synced && !isOne) return (follows = false);
      synced = isOne;
      return true;
    },
    /** Whether whatever stands behind the hole went with it. */
    isLost: (): boolean => follows && !synced,
  };
}

/** The value of a line's text, or why it is no JSON. */
export const parseLine = (text: string): { ok: true; value: unknown } | { ok: false; cause: unknown } => {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (cause) {
    return { ok: false, cause };
  }
};
