import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** A folder of this test's own, removed after it. */
export async function temporaryFolder(test: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "autogpt-settings-"));
  test.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
