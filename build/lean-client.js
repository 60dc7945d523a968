// The client library without what the program never asks of it.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const client = fileURLToPath(import.meta.resolve("openai/client"));
const folder = dirname(client);

/** A group of requests that the client offers, as its own file imports it. */
const group = /^\.\/resources\//;

/** Names that the client takes of each of these files, by the file's name as it stands in the import. */
function namesOfGroups() {
  const text = readFileSync(client, "utf8");
  const names = new Map();
  for (const [, list = "", file = ""] of text.matchAll(/^import \{([^}]*)\} from "(\.\/resources\/[^"]+)";$/gm))
    names.set(
      file,
      list.split(",").flatMap((one) => one.trim().split(" as ")[0] || []),
    );
  names.set(
    "./resources/index.mjs",
    [...text.matchAll(/\bnew API\.(\w+)\(this\)/g)].map(([, name]) => name),
  );
  return names;
}

/**
 * The package declares a class for each address of its service, a hundred files. Requests here are sent by the client's own `post`
 * and `get`: in place of those classes there are empty ones, and of the package only the client and its errors.
 * @type {import("esbuild").Plugin}
 */
export const leaveOutGroups = {
  name: "no-groups",
  setup(bundle) {
    const names = namesOfGroups();
    const met = new Set();
    bundle.onResolve({ filter: /^openai$/ }, () => ({ path: "openai", namespace: "lean-client" }));
    bundle.onLoad({ filter: /./, namespace: "lean-client" }, () => ({
      contents: `export { OpenAI } from ${JSON.stringify(client)};
        export { APIConnectionError } from ${JSON.stringify(join(folder, "core", "error.mjs"))};`,
      resolveDir: folder,
    }));
    bundle.onResolve({ filter: group }, ({ path, importer }) => {
      if (importer !== client) return undefined;
      met.add(path);
      return { path, namespace: "no-groups" };
    });
    bundle.onLoad({ filter: /./, namespace: "no-groups" }, ({ path }) => ({
      contents: (names.get(path) ?? []).map((/** @type {string} */ name) => `export class ${name} {}`).join("\n"),
    }));
    bundle.onEnd(() => ({
      errors: [...names.keys()]
        .filter((path) => names.size < 20 || !met.has(path))
        .map((path) => ({
          text: `The client library imports ${path} in another way than build/lean-client.js knows.`,
        })),
    }));
  },
};
