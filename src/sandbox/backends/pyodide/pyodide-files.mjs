// What Emscripten's view of Node's files lacks; for the child that runs Python.
import fs from "node:fs";

/** EPERM as WebAssembly counts errors. */
export const notPermitted = 63;

/** The system's time zones: Python's own library has none. */
const timeZones = "/usr/share/zoneinfo";

/**
 * Gives refusals a number, mounts the time zones, and leaves names out that cannot be used, which is said once.
 * @param {any} python @param {string} workspace where it is mounted @param {(text: string) => void} say
 */
export function prepareFiles(python, workspace, say) {
  nameRefusals(python.FS.filesystems.NODEFS);
  hideUnreadableNames(python.FS.lookupPath(workspace).node.node_ops, say);
  // The permissions may not let them be read.
  if (!fs.existsSync(timeZones)) return;
  python.FS.mkdirTree(timeZones);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: timeZones }, timeZones);
}

/**
 * Emscripten has no number for what Node's permissions refuse, and would take it for success.
 * @param {{ convertNodeCode(error: unknown): number | undefined }} files
 */
function nameRefusals(files) {
  const { convertNodeCode } = files;
  files.convertNodeCode = (error) => convertNodeCode(error) ?? notPermitted;
}

/**
 * Node shows a name that is not UTF-8 as one that leads nowhere, for which Emscripten would show the folder as empty.
 * @param {{ readdir(node: unknown): string[] }} operations @param {(text: string) => void} say
 */
function hideUnreadableNames(operations, say) {
  const { readdir } = operations;
  let said = false;
  operations.readdir = (node) => {
    const names = readdir(node);
    const readable = names.filter((name) => !name.includes("\ufffd"));
    if (readable.length < names.length && !said) {
      said = true;
      say("[Files whose names are not UTF-8 are not seen by Python here.]\n");
    }
    return readable;
  };
}
