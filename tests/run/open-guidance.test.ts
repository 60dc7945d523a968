import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openGuidance } from "../../src/run/trust/open-guidance.js";
import { loadSettings } from "../../src/settings/load.js";
import { temporaryFolder } from "../support/program.js";

test("an AGENTS.md that is a link to nowhere, or to itself, is told, and nothing else stops", async (t) => {
  for (const [name, target] of [
    ["AGENTS.md", "nowhere"],
    ["AGENTS.md", "AGENTS.md"],
  ] as const) {
    const folder = await temporaryFolder(t);
    await symlink(target, join(folder, name));
    const said: string[] = [];
    const trust = { file: join(folder, "trust.json"), given: false, ask: null };
    const found = await openGuidance({
      loaded: await loadSettings({ flags: {}, cwd: folder, environment: { HOME: folder }, envFile: false }),
      host: { trust, userSkills: [], warn: (text) => said.push(text) },
      file: join(folder, "ai_settings.yaml"),
      workspace: folder,
    });
    assert.deepEqual(found, { instructions: [], skills: [] });
    assert.equal(said.length, 1);
    assert.match(said[0] ?? "", /AGENTS\.md cannot be read: E(?:NOENT|LOOP).*The AI is not told of it\./);
  }
});
