/** Code of a module that is loaded before the program, with `fs` at hand: each write to a journal goes through its function `aroundJournal`. */
export const journalWrites = `
let journal = -1;
const { openSync, writeSync } = fs;
fs.openSync = (path, ...given) => {
  const descriptor = openSync(path, ...given);
  if (String(path).endsWith("events.jsonl") && given[0] === "a") journal = descriptor;
  return descriptor;
};
fs.writeSync = (descriptor, ...given) => {
  const write = () => writeSync(descriptor, ...given);
  return descriptor === journal ? aroundJournal(write) : write();
};
`;
