import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { reply } from "../../support/services/fake-open-ai.js";
import { temporaryFolder } from "../../support/program.js";
import { requireProgram } from "../../support/services/services.js";
import { html, startSite } from "../../support/services/site.js";
import { newestResult, scriptedWorld } from "../support/scripted-world.js";

const scripted = `<title>App</title><div id="root"></div>
  <script>document.getElementById("root").textContent = "Made by a script. ".repeat(30);</script>`;

test("the program reads a page of scripts in the browser, and ends with it; without one it says how to get one", async (t) => {
  const chromium = await requireProgram(t, ["chromium", "chromium-browser", "google-chrome"], "chromium");
  if (chromium === null) return;
  const site = await startSite(t, { "/": html(scripted) });
  for (const browser of [chromium, "/nowhere/chromium"]) {
    const asked: string[] = [];
    const world = await scriptedWorld(
      t,
      ({ body }) => {
        const [first, last] = [body?.messages[0]?.content ?? "", body?.messages.at(-1)?.content ?? ""];
        if (!first.startsWith("You read texts"))
          return reply(asked.length === 0 ? "browse_website" : "task_complete", { url: site.url, question: "?" });
        asked.push(last);
        return "An answer.";
      },
      { env: { BROWSE_ALLOWED_PRIVATE_HOSTS: site.host } },
    );
    const { code, stderr } = await world.run(["--continuous", "--continuous-limit", "2", "--browser-name", browser]);
    assert.equal(code, 0, stderr);
    const result = newestResult(world.messages(2));
    if (browser === chromium) assert.match(asked[0] ?? "", /Made by a script\./);
    else assert.match(result, /No browser was found on this machine\. Install Chromium/);
  }
});

for (const [name, then] of [
  ["a browser", 'sleep 1; exec "$REAL" "$@"'],
  ["a program that is no browser", "exec sleep 600"],
] as const) {
  test(
    `a run that is interrupted while ${name} starts ends, and what was started with it`,
    { timeout: 240_000 },
    async (t) => {
      const chromium = await requireProgram(t, ["chromium", "chromium-browser", "google-chrome"], "chromium");
      if (chromium === null) return;
      const site = await startSite(t, { "/": html(scripted) });
      const slow = join(await temporaryFolder(t), "slow-browser");
      await writeFile(slow, `#!/bin/sh\necho $$ > "${slow}.pid"\n${then.replace("$REAL", chromium)}\n`, {
        mode: 0o755,
      });
      const world = await scriptedWorld(t, [reply("browse_website", { url: site.url, question: "?" })], {
        env: { BROWSE_ALLOWED_PRIVATE_HOSTS: site.host },
      });
      const run = world.start(["--continuous", "--browser-name", slow]);
      const before = run.ended.then(({ stdout, stderr }) => assert.fail(`it ended too early: ${stdout}${stderr}`));
      const pid = Number(await Promise.race([textOf(`${slow}.pid`), before]));
      run.child.kill("SIGINT");
      assert.equal((await run.ended).code, 130);
      assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
      assert.equal(site.requests.length, 1);
    },
  );
}

/** A file's first line, as soon as it is there. */
async function textOf(file: string): Promise<string> {
  for (;;) {
    const text = await readFile(file, "utf8").catch(() => "");
    if (text.endsWith("\n")) return text.trim();
    await sleep(20);
  }
}
