// `node --import tsx tests/memory/vectors/build-kernel.ts` writes src/memory/vectors/kernel-bytes.ts anew from kernel.wat.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import startWabt from "wabt";
import { repository } from "../../support/program.js";

const folder = join(repository, "src", "memory", "vectors");

/** The WebAssembly of kernel.wat, in base64. */
export async function buildKernel(): Promise<string> {
  const wabt = await startWabt();
  const module = wabt.parseWat("kernel.wat", readFileSync(join(folder, "kernel.wat"), "utf8"), { simd: true });
  const { buffer } = module.toBinary({});
  module.destroy();
  return Buffer.from(buffer).toString("base64");
}

if (pathToFileURL(process.argv[1] ?? "").href === import.meta.url) {
  const pieces = (await buildKernel()).match(/.{1,110}/g) ?? [];
  const lines = pieces.map((piece) => `  ${JSON.stringify(piece)},\n`).join("");
  writeFileSync(
    join(folder, "kernel-bytes.ts"),
    `/** kernel.wat as WebAssembly, in base64. */\nexport const kernelBytes = [\n${lines}].join("");\n`,
  );
}
