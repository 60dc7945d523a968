import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { OpenServer } from "../../src/compose/server.js";
import type { JournalEvent } from "../../src/history/events.js";
import { createCatalog } from "../../src/model/catalog/catalog.js";
import { createModelWatch } from "../../src/run/watch-models.js";
import { connect, serve } from "../model/compose.js";
import { manualClock } from "../support/manual-clock.js";
import { temporaryFolder } from "../support/program.js";
import type { FakeOpenAiOptions } from "../support/services/fake-open-ai.js";

const requested = { type: "model-requested" } as JournalEvent;

/** A watch over gpt-6.1-terra, at a server that lists what it is told to; `look` begins a look. */
async function watching(t: TestContext, options: FakeOpenAiOptions, controller = new AbortController()) {
  const server = await serve(t, options);
  const clock = manualClock();
  const warned: string[] = [];
  const watch = createModelWatch({
    home: join(await temporaryFolder(t), ".autogpt"),
    roles: ["smart"],
    warn: (text) => warned.push(text),
    signal: controller.signal,
    timer: clock.timer,
  });
  const catalog = createCatalog();
  watch.begin({
    server: connect(server.url),
    catalog,
    model: () => ({
      ...{ entry: catalog.get("gpt-6.1-terra"), setting: "SMART_LLM_MODEL", sent: "gpt-6.1-terra" },
      ...{ deployment: undefined, optional: false, standIns: [] },
    }),
  } satisfies OpenServer);
  t.after(() => watch.close());
  const look = async (): Promise<void> => {
    await watch.listener(requested);
    await server.listed(1);
  };
  return { server, clock, warned, watch, look };
}

test("a model that the server does not list is named once, and the list is asked for once", async (t) => {
  const { server, warned, watch, look } = await watching(t, { models: [{ id: "gpt-6-luna" }] });
  await look();
  await look();
  await watch.settle();
  assert.equal(warned.length, 1);
  assert.match(warned[0] ?? "", /^WARNING: The model gpt-6\.1-terra is not offered by the server\./);
  assert.equal(server.listRequests.length, 1);
});

test("pitfall 89: the end of a run waits half a second for a list that does not come, and no longer", async (t) => {
  const { clock, warned, watch, look } = await watching(t, { listFault: "hang" });
  await look();
  const waits = clock.nextTimer();
  let settled = false;
  const end = watch.settle().then(() => (settled = true));
  await waits;
  clock.advance(499);
  await new Promise(setImmediate);
  assert.equal(settled, false);
  clock.advance(1);
  await end;
  assert.deepEqual(warned, []);
});

test("the end of a run that was aborted waits for nothing", async (t) => {
  const controller = new AbortController();
  const { watch, look } = await watching(t, { listFault: "hang" }, controller);
  await look();
  controller.abort();
  await watch.settle();
});

test("a run without a request looks at nothing", async (t) => {
  const { server, watch } = await watching(t, { models: [] });
  await watch.listener({ type: "run-start" } as JournalEvent);
  await watch.settle();
  assert.equal(server.listRequests.length, 0);
});
