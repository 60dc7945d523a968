import assert from "node:assert/strict";
import { createServer } from "node:http";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { eventsOfType } from "../../support/program.js";
import { listenLocally } from "../../support/services/local-server.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { bubblewrap, needsPrograms } from "../../support/services/services.js";
import { newestResult } from "../support/scripted-world.js";
import { inContinuous, program, worldWith } from "./mcp-world.js";

test("a server in the sandbox sees the workspace and itself, and no network; so its tools need no yes behind text of others", async (t) => {
  if (!(await needsPrograms(t, bubblewrap))) return;
  const site = createServer();
  const port = await listenLocally(site);
  t.after(() => site.close());
  const probe = {
    reads: [program, "ai_settings.yaml", ".autogpt", join(homedir(), ".ssh"), "/home"],
    writes: "workspace/w.txt",
    port,
  };
  const world = await worldWith(t, [reply("test.picture", {}), reply("test.probe", probe)], {
    more: "",
    server: { sandbox: true, env: { MODE: "probe", CALLS: "workspace/calls" } },
  });
  const listed = await world.run(["mcp", "list"]);
  assert.match(listed.stdout, /test: runs .*mcp-server\.mjs in a sandbox without network, with MODE, CALLS/);
  const { code, stderr } = await world.run(inContinuous);
  assert.equal(code, 0, stderr);
  assert.match(
    newestResult(world.messages(2)),
    /\{"tries":\[true,false,false,false,false\],"reached":false,"home":"\/tmp"\}/,
  );
  assert.equal(await world.file("w.txt"), "written");
  assert.deepEqual(eventsOfType(await world.journal(), "effect-stopped"), []);
});
