/** Values by their keys, of which those that were set or found last are kept. */
export interface Recent<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
  clear(): void;
}

/**
 * Keeps the last values that have this size together, and at most twice as much and a value more. A value counts for 1 unless `sizeOf` tells otherwise.
 * What was used lately is in one map and what was used before that in another, which is forgotten as a whole: to move each
 * key to the end of a single map takes several times as long.
 */
export function keepRecent<Key, Value>(least: number, sizeOf: (value: Value) => number = () => 1): Recent<Key, Value> {
  let [recent, before, size] = [new Map<Key, Value>(), new Map<Key, Value>(), 0];
  const set = (key: Key, value: Value): void => {
    const replaced = recent.get(key);
    size += sizeOf(value) - (replaced === undefined ? 0 : sizeOf(replaced));
    recent.set(key, value);
    if (size >= least) [recent, before, size] = [new Map(), recent, 0];
  };
  return {
    get(key) {
      const known = recent.get(key);
      if (known !== undefined) return known;
      const older = before.get(key);
      if (older !== undefined) set(key, older);
      return older;
    },
    set,
    clear: () => void ([recent, before, size] = [new Map(), new Map(), 0]),
  };
}
