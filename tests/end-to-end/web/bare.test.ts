import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { makePdf } from "../../support/documents/documents.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { eventsOfType, repository, temporaryFolder } from "../../support/program.js";
import { requireProgram } from "../../support/services/services.js";
import { article, bytes, html, startSite } from "../../support/services/site.js";
import { scriptedWorld } from "../support/scripted-world.js";

const scripted = `<title>App</title><div id="root"></div><script>document.getElementById("root").textContent = "x";</script>`;

test("without optional packages pages are read, and what needs a package says which one", async (t) => {
  const chromium = await requireProgram(t, ["chromium", "chromium-browser", "google-chrome"], "chromium");
  if (chromium === null) return;
  const bare = await temporaryFolder(t);
  for (const part of ["bin", "dist", "package.json"]) {
    await cp(join(repository, part), join(bare, part), { recursive: true });
  }
  const site = await startSite(t, {
    "/page": html(`<title>Page</title>${article("heron")}`),
    "/pdf": bytes(makePdf("A heron"), { "content-type": "application/pdf" }),
    "/app": html(scripted),
  });
  const browse = (path: string) => reply("browse_website", { url: `${site.url}${path}`, question: "?" });
  const thoughts = [
    browse("/page"),
    browse("/pdf"),
    browse("/app"),
    reply("google", { input: "herons" }),
    reply("task_complete"),
  ];
  const world = await scriptedWorld(t, ({ body }) =>
    body?.messages[0]?.content.startsWith("You read texts from the web")
      ? "It stands in water."
      : (thoughts.shift() ?? reply("task_complete")),
  );
  const child = spawn(process.execPath, [join(bare, "bin", "autogpt.js"), "-c", "-y"], {
    cwd: world.folder,
    stdio: "ignore",
    env: {
      PATH: dirname(chromium),
      HOME: world.folder,
      OPENAI_API_BASE_URL: world.server.url,
      MEMORY_BACKEND: "no_memory",
      BROWSE_ALLOWED_PRIVATE_HOSTS: site.host,
      SEARCH_PROVIDER: "google",
      GOOGLE_API_KEY: "google-key",
      CUSTOM_SEARCH_ENGINE_ID: "engine",
    },
  });
  const [code] = (await once(child, "exit")) as [number | null];
  assert.equal(code, 0);
  const results = eventsOfType(await world.journal(), "step-end").map(({ result }) => result.text);
  assert.match(results[0] ?? "", /It stands in water\./);
  assert.match(
    results[1] ?? "",
    /Error: .*it cannot be read\. Reading it needs the package unpdf: npm install unpdf@1\.7/,
  );
  assert.match(results[2] ?? "", /In the browser it failed: .*add browser" installs it/);
  assert.match(results[3] ?? "", /Error: .*add google" installs it/);
});
