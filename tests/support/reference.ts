import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { repository } from "./program.js";

/**
 * Where recorded data or a reference text lies beside the repository, or null: it is not part of it, so a clone alone has
 * none. Then the test says so; it counts as skipped but in CI, where only a missing program is a failure.
 */
export function referenceFile(t: Pick<TestContext, "skip" | "diagnostic">, ...path: readonly string[]): string | null {
  const file = join(repository, "..", "shared", ...path);
  if (existsSync(file)) return file;
  const message = `not run: there is no ${join("..", "shared", ...path)} to compare with`;
  if (process.env["CI"]) t.diagnostic(message);
  else t.skip(message);
  return null;
}
