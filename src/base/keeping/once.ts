/** Makes a value when it is first asked for, and keeps it: for what costs time to make, and many runs never ask for. */
export function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}
