import { posix } from "node:path";
import type { LineCommand } from "../../base/process/shell-line.js";

/** The folders in which a command may be run, as its words say. */
export const foldersOf = ({ name, words }: LineCommand, folder: string): string[] => {
  const named = words.flatMap((word, index) =>
    /^(?:-C|--prefix|--directory|--cwd|--chdir)$/.test(words[index - 1] ?? "") ? [word] : [],
  );
  const entered = /^(?:cd|pushd)$/.test(name ?? "") ? words.slice(0, 1) : [];
  return [...entered, ...named].flatMap((word) => inWorkspace(word ?? "", folder) ?? []);
};

/** The path in the workspace that a word means; null where it lies outside, or can be none. */
export function inWorkspace(word: string, folder: string): string | null {
  const below = word.replace(/^\/workspace(?:\/|$)/, "");
  if (word === "" || below.startsWith("/") || below.startsWith("~") || /[*?[\]\0]/.test(below)) return null;
  const path = posix.normalize(posix.join(folder, below)).replace(/^\.\/|\/+$/g, "");
  return path === ".." || path.startsWith("../") ? null : path === "." ? "" : path;
}

/** Where programs lie that nothing in a sandbox can write. */
export const ofSystem = /^\/(?:usr|bin|sbin|opt|nix|snap|System|Library)\//;

/** What a program is called, wherever it lies. */
export const nameOf = (program: string): string => program.slice(program.lastIndexOf("/") + 1).replace(/\.exe$/i, "");
