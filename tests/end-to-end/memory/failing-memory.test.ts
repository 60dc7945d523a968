import assert from "node:assert/strict";
import { test } from "node:test";
import { eventsOfType } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { article, html, startSite } from "../../support/services/site.js";
import { scriptedWorld } from "../support/scripted-world.js";

test("where nothing can be embedded, the summary of a page reaches the model, and memory_add alone fails", async (t) => {
  const site = await startSite(t, { "/heron": html(article("heron")) });
  const thoughts = [
    reply("browse_website", { url: `${site.url}/heron`, question: "Where does it stand?" }),
    reply("memory_add", { string: "Herons stand in water." }),
    reply("task_complete"),
  ];
  const isSummary = (content = ""): boolean => content.startsWith("You read texts from the web");
  const world = await scriptedWorld(
    t,
    ({ body }) => (isSummary(body?.messages[0]?.content) ? "It stands in water." : (thoughts.shift() ?? "")),
    {
      embeddingFaults: Object.fromEntries(Array.from({ length: 100 }, (_, index) => [index, { status: 500 }])),
      env: {
        MEMORY_BACKEND: "local",
        OPENAI_RETRIES: "0",
        BROWSER: "never",
        BROWSE_ALLOWED_PRIVATE_HOSTS: site.host,
      },
    },
  );
  const { code, stderr } = await world.run(["-c"]);
  assert.equal(code, 0, stderr);
  const [browsed, noted] = eventsOfType(await world.journal(), "step-end").map(({ result }) => result);
  assert.equal(browsed?.ok, true);
  assert.match(browsed?.text ?? "", /It stands in water\./);
  assert.equal(noted?.ok, false);
  assert.match(noted?.text ?? "", /^Command memory_add returned: Error: .*status 500/s);
  assert.equal(stderr.split("Memory failed").length - 1, 1, stderr);
});
