import assert from "node:assert/strict";
import { test } from "node:test";
import { SettingsError } from "../../../src/errors.js";
import { createCatalog } from "../../../src/model/catalog/catalog.js";
import { parseCatalogExtra } from "../../../src/model/catalog/own-models.js";
import { effortFor, type Effort } from "../../../src/model/catalog/effort.js";
import { requirePrice } from "../../../src/model/catalog/price.js";
import { costUsd } from "../compose.js";

test("knows the default models with window, prices and parameters", () => {
  const terra = createCatalog().get("gpt-6.1-terra");
  assert.equal(terra.window, 1_050_000);
  assert.deepEqual(terra.prices, { input: 1, cachedInput: 0.05, cacheWrite: 1.25, output: 5 });
  assert.equal(terra.promptCache, true);
  assert.equal(terra.limitParameter, "max_completion_tokens");
  assert.equal(terra.temperature, "only-without-reasoning");
  assert.equal(createCatalog().get("text-embedding-3-small").dimension, 1536);
});

test("every model that charges for writing to its cache has the price of it, a quarter above other input", () => {
  const catalog = createCatalog();
  const charging = catalog.names().filter((name) => catalog.get(name).promptCache);
  assert.equal(charging.length, 10);
  for (const name of charging) {
    const { input = 0, cacheWrite = 0 } = catalog.get(name).prices ?? {};
    assert.ok(Math.abs(cacheWrite - input * 1.25) < 1e-12 && input > 0, name);
  }
});

test("a price of the user's own leaves writing a quarter dearer, unless it says what writing costs", () => {
  const own = { "gpt-6.1-terra": { prices: { input: 4, output: 20 } }, mine: { prices: { input: 4, output: 20 } } };
  const catalog = createCatalog(parseCatalogExtra(own, "models.yaml"));
  const written = { promptTokens: 1000, cachedTokens: 0, cacheWriteTokens: 1000, completionTokens: 0 };
  assert.equal(costUsd(catalog.get("gpt-6.1-terra"), written), 0.005);
  assert.equal(costUsd(catalog.get("mine"), written), 0.004);
  const dear = parseCatalogExtra({ mine: { prices: { input: 4, cacheWrite: 8, output: 20 } } }, "models.yaml");
  assert.equal(costUsd(createCatalog(dear).get("mine"), written), 0.008);
});

test("a model that does not take an effort is asked with the nearest one", () => {
  const catalog = createCatalog();
  const asked = (name: string, wanted: Effort | undefined) => effortFor(catalog.get(name).reasoningEffort, wanted);
  assert.deepEqual(
    [asked("gpt-6.2-sol", "none"), asked("gpt-6.2-sol", "max"), asked("gpt-6.1-terra", "none")],
    ["low", "max", "none"],
  );
  assert.deepEqual(
    [asked("o3", "xhigh"), asked("gpt-4o", "low"), asked("o3", undefined)],
    ["high", undefined, undefined],
  );
});

test("pitfall 18: each model has the window of its own", () => {
  const catalog = createCatalog();
  assert.equal(catalog.get("gpt-4").window, 8192);
  assert.equal(catalog.get("gpt-4o").window, 128_000);
});

test("names the shutdown date and a living replacement of every model that retires", () => {
  const catalog = createCatalog();
  for (const name of catalog.names()) {
    const { retires, replacement } = catalog.get(name);
    if (!retires) continue;
    assert.match(retires, /^\d{4}-\d{2}-\d{2}$/);
    assert.ok(replacement, name);
    assert.equal(catalog.get(replacement).known, true, name);
    assert.equal(catalog.get(replacement).retires, undefined, name);
  }
});

test("a dated snapshot has the facts of its model and keeps its own name", () => {
  const catalog = createCatalog();
  const snapshot = catalog.get("gpt-4o-2024-08-06");
  assert.deepEqual({ ...snapshot, name: "gpt-4o" }, catalog.get("gpt-4o"));
  assert.equal(snapshot.name, "gpt-4o-2024-08-06");
  assert.equal(catalog.get("gpt-4o-mini-2024-07-18").prices?.input, 0.15);
  assert.equal(catalog.get("gpt-4-0613").window, 8192);
});

test("a longer name that is no dated snapshot is another model", () => {
  assert.equal(createCatalog().get("gpt-4o-audio").known, false);
});

test("pitfall 20: an unknown model can be used, and nothing is assumed about it", () => {
  const entry = createCatalog().get("llama-9-tiny:latest");
  assert.deepEqual(entry, {
    name: "llama-9-tiny:latest",
    known: false,
    limitParameter: "max_tokens",
    temperature: "yes",
    reasoningEffort: false,
    encoding: "o200k_base",
  });
});

test("MODEL_CATALOG adds models and replaces single fields of known ones", () => {
  const extra = parseCatalogExtra(
    { "my-model": { window: 8000, prices: { input: 1, output: 2 } }, "gpt-4o": { window: 64_000 } },
    "models.yaml",
  );
  const catalog = createCatalog(extra);
  assert.equal(catalog.get("my-model").known, true);
  assert.equal(catalog.get("my-model").limitParameter, "max_tokens");
  assert.deepEqual(catalog.get("my-model").prices, { input: 1, output: 2 });
  assert.equal(catalog.get("gpt-4o").window, 64_000);
  assert.equal(catalog.get("gpt-4o").prices?.input, 2.5);
  assert.equal(catalog.get("gpt-4o-2024-08-06").window, 64_000);
});

test("an empty MODEL_CATALOG adds nothing", () => {
  assert.deepEqual(parseCatalogExtra(null, "models.yaml"), {});
});

for (const [what, value, place] of [
  ["a list", ["gpt-4o"], /models\.yaml/],
  ["a misspelt field", { "my-model": { windows: 8000 } }, /my-model.*windows/],
  ["a price that is text", { "my-model": { prices: { input: "cheap", output: 1 } } }, /my-model → prices → input/],
  ["a negative price", { "my-model": { prices: { input: -1, output: 1 } } }, /my-model → prices → input/],
  ["a window of zero", { "my-model": { window: 0 } }, /my-model → window/],
] as const) {
  test(`${what} in MODEL_CATALOG is an error that names the file and the place`, () => {
    assert.throws(
      () => parseCatalogExtra(value, "models.yaml"),
      (thrown: unknown) => {
        assert.ok(thrown instanceof SettingsError);
        assert.match(thrown.message, /MODEL_CATALOG: models\.yaml/);
        assert.match(thrown.message, place);
        return true;
      },
    );
  });
}

test("a model without price is refused where a price is needed, naming MODEL_CATALOG", () => {
  const catalog = createCatalog();
  assert.throws(() => requirePrice(catalog.get("gpt-4"), "SMART_LLM_MODEL"), /gpt-4.*SMART_LLM_MODEL.*MODEL_CATALOG/);
  assert.doesNotThrow(() => requirePrice(catalog.get("gpt-6-luna"), "FAST_LLM_MODEL"));
});
