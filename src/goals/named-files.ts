import { filesReadBy } from "./run/programs.js";

/** How a sandbox may call the workspace. */
const inside = /^(\/workspace\/|\.\/)+/;
const longestName = 200;
const mostNames = 200;

/** Words before the name of a module, and names that are found beside a program: those of Node's packages and Python's modules. */
const loadsModule = /^(?:require|resolve|import|from|-r|--require|--import|--loader)$/;
const moduleName = /^(?:@[\w.-]{1,100}\/)?[A-Za-z_][\w.-]{0,100}$/;

/**
 * The paths in the workspace that a shell line may read: every word of it that could be one, and what well-known
 * programs among its words read without being told. Most are not there; what files name in their turn is not followed.
 */
export function namedFiles(line: string): readonly string[] {
  const parts = line.split(/[\s'"`;|&()<>{}=:,$]+/).filter((part) => part !== "");
  const folders = new Set([""]);
  const names = new Set<string>();
  for (const [index, part] of parts.entries()) {
    const before = parts[index - 1] ?? "";
    const name = part.replace(inside, "").replace(/\/+$/, "");
    if (isPath(name)) names.add(name);
    if (/^(cd|pushd|-C|--prefix|--directory)$/.test(before) && isPath(name)) folders.add(`${name}/`);
    if (loadsModule.test(before) && moduleName.test(part))
      for (const file of [`node_modules/${part}`, `${part}.py`, `${part}/__init__.py`]) names.add(file);
    if (before === "npx") for (const file of [`node_modules/.bin/${part}`, `node_modules/${part}`]) names.add(file);
    if (before === "-m" && /^[\w.]+$/.test(part)) {
      const module = part.replaceAll(".", "/");
      for (const file of [`${module}.py`, `${module}/__init__.py`, `${module}/__main__.py`]) names.add(file);
    }
    for (const file of filesReadBy(part.slice(part.lastIndexOf("/") + 1))) names.add(file);
  }
  const all = [...folders].flatMap((folder) => [...names].map((name) => folder + name));
  return [...new Set(all)].slice(0, mostNames);
}

const isPath = (name: string): boolean =>
  !["", "."].includes(name) && name.length <= longestName && !/^[-/~]|[*?[\]]|(^|\/)\.\.(\/|$)/.test(name);
