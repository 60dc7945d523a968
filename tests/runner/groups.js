import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { noteTests } from "./hanging.js";
import { needsOwnProcess } from "./select.js";

/**
 * How many processes run at a time: more than there are cores, since tests wait for processes and servers of theirs. With five
 * the same tests compute a tenth more.
 */
export const atOnce = 4;
/** More than are run at a time, so that at the end none has much left while the others have nothing. */
const mostGroups = 8;
/** Of few files each gets a process: they run side by side. */
const leastFiles = 4;

/**
 * What Node's runner is to start, a process each: files in the folder of what is compiled that import test files one after
 * the other. To start Node and to load the program takes more than most test files do. A file that cannot be imported is
 * a failed test.
 * @param {readonly string[]} files paths below the repository @param {string} compiled
 * @returns {readonly string[]}
 */
export function groupFiles(files, compiled) {
  const shared = files.filter((file) => !needsOwnProcess(file));
  const groupCount =
    shared.length <= leastFiles ? shared.length : Math.min(mostGroups, Math.ceil(shared.length / leastFiles));
  const groups = [
    ...files.filter(needsOwnProcess).map((file) => [file]),
    ...Array.from({ length: groupCount }, (_, number) =>
      shared.filter((_file, index) => index % groupCount === number),
    ),
  ];
  return groups.map((group, number) => {
    // Node's runner starts them in the order of their names: first those that wait most.
    const entry = join(compiled, `group-${String(number + 1).padStart(2, "0")}.mjs`);
    writeFileSync(
      entry,
      importing(
        compiled,
        group.map((file) => [file, `./${file.replace(/\.ts$/, ".js")}`]),
      ),
    );
    return entry;
  });
}

/** @param {string} compiled @param {readonly (readonly string[])[]} files path and URL of each */
const importing = (compiled, files) => `import { test } from "node:test";
import ${JSON.stringify(noteTests(compiled))};
for (const [file, url] of ${JSON.stringify(files)}) {
  await import(url).catch((thrown) => test(file, () => Promise.reject(thrown)));
}
`;
