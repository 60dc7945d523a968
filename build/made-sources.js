// What follows from the program's own texts is worked out by the build.
import { join } from "node:path";
import { build } from "esbuild";

/** The one module whose answer the build knows. */
const file = join(import.meta.dirname, "..", "src", "protection", "built-in.ts");

/** A module of the sources, as the build's own Node can run it. @param {string} source */
export async function importSource(source) {
  const { outputFiles } = await build({ entryPoints: [source], bundle: true, format: "esm", write: false });
  const [{ text } = { text: "" }] = outputFiles;
  return import(`data:text/javascript,${encodeURIComponent(text)}`);
}

/** What `builtInSources` of src/protection/built-in.ts returns, as the sources say it now. */
export async function madeSources() {
  const { builtInSources } = await importSource(file);
  return builtInSources();
}

/**
 * To put the built-in list of protected names together takes a start longer than to read all of its settings: in the bundle stands
 * what comes of it. Fails where nothing imports it.
 * @type {import("esbuild").Plugin}
 */
export const keepMadeSources = {
  name: "made-sources",
  setup(bundle) {
    let isMet = false;
    bundle.onLoad({ filter: /[\\/]src[\\/]protection[\\/]built-in\.ts$/ }, async () => {
      isMet = true;
      return {
        contents: `const made = ${JSON.stringify(await madeSources())}; export const builtInSources = () => made;`,
      };
    });
    bundle.onEnd(() => ({
      errors: isMet
        ? []
        : [{ text: "The built-in list of protected names is not in the bundle: see build/made-sources.js" }],
    }));
  },
};
