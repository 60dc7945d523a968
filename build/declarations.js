// Writes types/, or the folder that is named: the declarations of what `import … from "autogpt"` gives, in one file that
// needs no other of ours.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateDtsBundle } from "dts-bundle-generator";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [, , out = join(root, "types")] = process.argv;
const [declarations = ""] = generateDtsBundle(
  [{ filePath: join(root, "src", "index.ts"), output: { noBanner: true, exportReferencedTypes: false } }],
  { preferredConfigPath: join(root, "build", "declarations.tsconfig.json") },
);
// The generator leaves this import out, as zod exports a namespace of its own in itself.
const text = `import * as z from "zod";\n\n${declarations}`;
if (!declarations.includes("declare function run(") || text.split(/from ["']zod["']/).length !== 2)
  throw new Error("The declarations are not made as expected: see build/declarations.js.");
mkdirSync(out, { recursive: true });
// The same twice: what is imported is a module, what is required is none.
for (const file of ["index.d.ts", "index.d.cts"]) writeFileSync(join(out, file), text);
