import assert from "node:assert/strict";
import { test } from "node:test";
import { createCode, ownFiles } from "../../src/compose/code.js";
import { loadSettings } from "../../src/settings/load.js";
import { temporaryFolder } from "../support/program.js";
import { bubblewrap, needsPrograms } from "../support/services/services.js";

test("a check says that it had no network where the run has read text of others, and only where it would have had one", async (t) => {
  if (!(await needsPrograms(t, bubblewrap))) return;
  const folder = await temporaryFolder(t);
  const cutOff = async (network: string, isTainted: boolean): Promise<boolean | undefined> => {
    const environment = { SANDBOX: "bubblewrap", SANDBOX_NETWORK: network };
    const { settings } = await loadSettings({ cwd: folder, environment, envFile: false });
    const code = createCode(settings, folder, ownFiles(settings, folder), () => isTainted);
    const outcome = await code.runShell(new AbortController().signal)("true", 10);
    await code.close();
    assert.deepEqual([outcome.exitCode, outcome.problem], [0, null]);
    return outcome.cutOff;
  };
  assert.deepEqual(
    [await cutOff("on", true), await cutOff("on", false), await cutOff("off", true)],
    [true, undefined, undefined],
  );
});
