import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Pinecone } from "@pinecone-database/pinecone";
import { repository } from "../program.js";
import type { Surroundings } from "./services.js";

const wanted = "@pinecone-database/pinecone@9";

/**
 * The next major of the client, which is no dependency since it would warn on Node 20: it is installed beside them, once,
 * where there is a registry. Null, and the test counts as skipped, where there is none; with CI set that is a failure.
 */
export function loadPineconeNine(t: Pick<Surroundings, "skip">): (() => Promise<typeof Pinecone>) | null {
  const folder = join(repository, "node_modules", ".cache", "pinecone-9");
  const entry = join(folder, "node_modules", "@pinecone-database", "pinecone", "package.json");
  if (!existsSync(entry)) {
    const args = ["install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", wanted];
    spawnSync("npm", args, { stdio: "ignore", shell: process.platform === "win32" });
  }
  if (existsSync(entry)) {
    const require = createRequire(entry);
    return async () => (require("@pinecone-database/pinecone") as { Pinecone: typeof Pinecone }).Pinecone;
  }
  const message = `needs ${wanted}, which could not be installed in ${folder}`;
  if (process.env["CI"]) throw new Error(message);
  t.skip(message);
  return null;
}
