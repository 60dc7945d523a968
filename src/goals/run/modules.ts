import { wordList } from "../../base/text.js";

/** Modules that run nothing of the workspace as programs. */
const closedModules = wordList("json.tool py_compile compileall tabnanny base64 calendar");

/** Whether a module of Python that is run as a program (`-m`) is known to run nothing of the workspace. */
export const isClosedModule = (module: string): boolean => closedModules.includes(module);

/** Where a module of Python would lie in the folder in which it is looked for. */
export const moduleFiles = (module: string): string[] => {
  const path = module.replaceAll(".", "/");
  return [`${path}.py`, `${path}/__init__.py`, `${path}/__main__.py`];
};

/** Where the modules lie that the text of a program loads by name: of Node and of Python. */
export function modulesIn(program: string): string[] {
  const name = "(@[\\w.-]{1,100}/[\\w.-]{1,100}|[A-Za-z_][\\w.-]{0,100})";
  const node = new RegExp(`(?:require|resolve|import)\\s*\\(\\s*["'\`]${name}|(?:from|import)\\s+["']${name}`, "g");
  const packages = [...program.matchAll(node)].map(([, required, imported]) => `node_modules/${required ?? imported}`);
  const modules = program.matchAll(/(?:^|[\n;]|\s)(?:import|from)\s+([A-Za-z_][\w.]{0,100})/g);
  return [...packages, ...[...modules].flatMap(([, module = ""]) => moduleFiles(module))];
}
