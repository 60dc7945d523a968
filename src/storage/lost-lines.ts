/** Zeros where a file grew and its content did not reach the disk; no line of JSON has a single one. */
export const holeOfFile = Buffer.alloc(8);

/** With which other lines one was synced: the `group`, which no other has, and how many `rest` of it behind this line. */
export type SyncedTogether = { group: number; rest: number };

/** What is known of a line that is on disk before anything is written behind it, but for others that were synced with it. */
export type SyncedLines = {
  isSynced?: ((line: unknown) => boolean) | undefined;
  /** Null for a line that was synced without others. Absent: all were. */
  togetherOf?: ((line: unknown) => SyncedTogether | null) | undefined;
};

/**
 * What a power cut takes of lines that no sync has brought to the disk may lie before others that are there. These go with it, unless one
 * of them was synced: then what stands before it was on disk, and the hole has come later. The power may have gone during that sync, where nothing
 * stands behind the line but others of its group, whole or not.
 */
export function followHole({ isSynced, togetherOf = () => null }: SyncedLines) {
  let [follows, synced] = [false, false];
  let open: SyncedTogether = { group: 0, rest: 0 };
  /** Whether there may be more: behind a synced line, of its group alone. */
  const mayBeMore = (): boolean => !synced || open.rest > 0;
  const takeSynced = (together: SyncedTogether | null): boolean => {
    if (synced && together?.group !== open.group) return false;
    [synced, open] = [true, together ?? { group: 0, rest: 0 }];
    return true;
  };
  const goesOn = (line: Buffer): boolean => {
    const parsed = parseLine(line.toString("utf8"));
    if (parsed.ok && isSynced?.(parsed.value) === true) return takeSynced(togetherOf(parsed.value));
    if (!synced) return true;
    open = { ...open, rest: open.rest - 1 };
    return !parsed.ok && line.includes(holeOfFile);
  };
  return {
    begin(hasHole: boolean): void {
      follows = hasHole && isSynced !== undefined;
    },
    /** Whether this line may be behind a hole that a power cut has made. */
    mayGoOn(line: Buffer): boolean {
      follows &&= mayBeMore() && goesOn(line);
      return follows;
    },
    /** Whether whatever stands behind the hole, and behind all whole lines, went with it. */
    isLost: (): boolean => follows && mayBeMore(),
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
