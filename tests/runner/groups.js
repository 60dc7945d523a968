import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { noteTests } from "./hanging.js";
import { needsOwnProcess } from "./select.js";

/**
 * How many processes run at a time: more than there are cores, since tests wait for processes and servers of theirs. With five
 * the same tests compute a tenth more.
 */
export const atOnce = 4;
/** Of few files each gets a process: they run side by side. */
const leastFiles = 4;
/** What starts processes and whole runs takes about three times as long for its length as other tests do. */
const [slowFolder, slowness] = ["tests/end-to-end/", 3];

/**
 * What Node's runner is to start, a process each: files in the folder of what is compiled that import test files one after
 * the other. To start Node and to load the program takes more than most test files do, and those of one folder share what
 * they load and make on the way. A file that cannot be imported is a failed test.
 * @param {string} root the repository @param {readonly string[]} files paths below it @param {string} compiled
 * @returns {readonly string[]}
 */
export function groupFiles(root, files, compiled) {
  const shared = files.filter((file) => !needsOwnProcess(file)).sort();
  const groups = [...files.filter(needsOwnProcess).map((file) => [file]), ...neighbours(root, shared)];
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

/**
 * As many groups as run at a time, in the order of the files, each with about the same work: estimated by the length of
 * the tests, so that it is the same on every machine.
 * @param {string} root @param {readonly string[]} files
 */
function neighbours(root, files) {
  const groupCount = files.length <= leastFiles ? files.length : Math.min(atOnce, Math.ceil(files.length / leastFiles));
  const works = files.map((file) => statSync(join(root, file)).size * (file.startsWith(slowFolder) ? slowness : 1));
  const all = works.reduce((sum, work) => sum + work, 0);
  /** @type {string[][]} */
  const groups = Array.from({ length: groupCount }, () => []);
  let before = 0;
  for (const [index, file] of files.entries()) {
    const middle = before + (works[index] ?? 0) / 2;
    groups[Math.floor((middle / all) * groupCount)]?.push(file);
    before += works[index] ?? 0;
  }
  return groups.filter((group) => group.length > 0);
}

/**
 * Node runs what is to be done behind all tests whenever none is left, which is so between two files where the next one still starts a
 * server: it would be ended before its tests. So no test ends before all files are there.
 */
export const loadingTitle = "the files that share a process are loaded";

/** @param {string} compiled @param {readonly (readonly string[])[]} files path and URL of each */
const importing = (compiled, files) => `import { test } from "node:test";
import ${JSON.stringify(noteTests(compiled))};
let loaded = () => undefined;
const loading = new Promise((resolve) => (loaded = resolve));
${files.length > 1 ? `test(${JSON.stringify(loadingTitle)}, () => loading);` : ""}
for (const [file, url] of ${JSON.stringify(files)}) {
  await import(url).catch((thrown) => test(file, () => Promise.reject(thrown)));
}
loaded();
`;
