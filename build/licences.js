import { readFileSync } from "node:fs";
import { join } from "node:path";

const names = ["LICENSE", "LICENSE.md", "LICENSE.txt", "license", "LICENCE", "License"];

/**
 * The licences of the packages that files were bundled from: what is passed on, is passed on with its licence.
 * @param {string} root @param {readonly string[]} files paths below `root`
 */
export function licenceNotices(root, files) {
  const folders = new Set(files.flatMap((file) => /(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []));
  const notices = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const text = names.map((file) => readOrNothing(join(root, folder, file))).find((found) => found !== "");
    return `${name} ${version} (${license})\n\n${text ?? ""}`;
  });
  return notices.join(`\n${"-".repeat(80)}\n\n`);
}

/** @param {string} file */
function readOrNothing(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
