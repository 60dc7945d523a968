import { watch } from "node:fs";

/** Editors write in several steps, and a checkout writes many files: this much quiet ends a change. In milliseconds. */
const quiet = 200;

/**
 * Watches folders. Each call resolves with a file that has changed since the last call ended, once all is quiet.
 * @param {readonly string[]} folders @returns {() => Promise<string>}
 */
export function changes(folders) {
  let last = "";
  let settle = () => {};
  for (const folder of folders)
    watch(folder, { recursive: true }, (_, name) => {
      last = `${folder}/${name}`;
      settle();
    });
  return async () => {
    if (last === "") await /** @type {Promise<void>} */ (new Promise((resolve) => (settle = resolve)));
    for (let seen = ""; seen !== last; await new Promise((resolve) => setTimeout(resolve, quiet))) seen = last;
    const changed = last;
    last = "";
    return changed;
  };
}
