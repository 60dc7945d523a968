import assert from "node:assert/strict";
import { test } from "node:test";
import { reply } from "../support/fake-open-ai.js";
import { requireProgram } from "../support/services.js";
import { html, startSite } from "../support/site.js";
import { newestResult, scriptedWorld } from "./scripted-world.js";

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
