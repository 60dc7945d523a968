import assert from "node:assert/strict";
import { test } from "node:test";
import { heldBackLines, sourceLines } from "../../src/history/report/taint-lines.js";

test("a report names the text of others that was read, also where nothing was held back because of it", () => {
  const source = { type: "context-tainted", step: 3, kind: "page", from: "https://example.com/" } as const;
  assert.deepEqual(sourceLines({ contextTainted: [source] }), ["step 3 read the page https://example.com/"]);
  assert.deepEqual(heldBackLines({ effectsStopped: [] }), []);
  const many = Array.from({ length: 25 }, (_, step) => ({ ...source, step }));
  assert.deepEqual(sourceLines({ contextTainted: many }).at(-1), "and 5 others were read");
  const stopped = { type: "effect-stopped", step: 4, command: "send", reason: "it is new", instead: "asked" } as const;
  assert.deepEqual(heldBackLines({ effectsStopped: [stopped] }), ["step 4, send: asked about, because it is new"]);
});
