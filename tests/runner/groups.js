import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** More than are run at a time, so that at the end none has much left while the others have nothing. */
const mostGroups = 12;
const leastFiles = 4;

/**
 * What Node's runner is to start, a process each: the files themselves, or where there are many, files in `folder` that
 * import several of them one after the other. To start Node and to load the program takes more than most files do.
 * A file that cannot be imported is a failed test.
 * @param {string} root @param {readonly string[]} files paths below `root` @param {string} folder
 * @returns {readonly string[]}
 */
export function groupFiles(root, files, folder) {
  if (files.length <= leastFiles) return files;
  const groupCount = Math.min(mostGroups, Math.ceil(files.length / leastFiles));
  const groups = Array.from({ length: groupCount }, (_, number) =>
    files.filter((_file, index) => index % groupCount === number),
  );
  return groups.map((group, number) => {
    const entry = join(folder, `group-${number + 1}.mjs`);
    writeFileSync(entry, importing(group.map((file) => [file, pathToFileURL(join(root, file)).href])));
    return entry;
  });
}

/** @param {readonly (readonly string[])[]} files path and URL of each */
const importing = (files) => `import { test } from "node:test";
for (const [file, url] of ${JSON.stringify(files)}) {
  await import(url).catch((thrown) => test(file, () => Promise.reject(thrown)));
}
`;
