import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { createCatalog } from "../../../src/model/catalog/catalog.js";
import { askForModels, listModels, type ModelList } from "../../../src/model/catalog/model-list.js";
import { noticesAbout } from "../../../src/model/catalog/retirement.js";
import { temporaryFolder } from "../../support/program.js";
import { connect, serve } from "../compose.js";

const today = new Date("2026-11-23T12:00:00Z");
const named = (...names: string[]) =>
  names.map((name) => ({ entry: createCatalog().get(name), setting: "SMART_LLM_MODEL" }));
const offering = (...models: [id: string, retires?: string][]): ModelList => ({
  models: models.map(([id, retires = null]) => ({ id, retires: retires as string | null })),
  anyName: false,
});

test("a model that is retired, ends soon or is missing is named with its date and its replacement", () => {
  const told = (name: string, list: ModelList | null) =>
    noticesAbout(named(name), list, today).map(({ state, text }) => [state, text]);
  assert.deepEqual(told("gpt-3.5-turbo", null), [
    ["retired", "The model gpt-3.5-turbo was shut down on 2026-10-23. Set SMART_LLM_MODEL=gpt-6-luna."],
  ]);
  assert.deepEqual(told("gpt-5", null), [
    ["ending", "The model gpt-5 is shut down on 2026-12-11, in 18 days. Set SMART_LLM_MODEL=gpt-6.1-terra."],
  ]);
  assert.deepEqual(told("gpt-6.1-terra", offering(["gpt-6.1-terra", "2026-12-23"]))[0]?.[0], "ending");
  assert.deepEqual(told("gpt-6.1-terra", offering(["gpt-6.1-terra", "2027-06-01"])), []);
  assert.deepEqual(told("gpt-6.1-terra", offering(["other"])), [
    ["missing", "The model gpt-6.1-terra is not offered by the server. Choose another one in SMART_LLM_MODEL."],
  ]);
  assert.deepEqual(told("gpt-6.1-terra", null), []);
});

test("where the catalog names no replacement, it is one that the server offers for longer", () => {
  const [model] = named("other-model");
  const standIns = ["gpt-6.1-terra", "gpt-6-luna"];
  const replacement = (list: ModelList) => noticesAbout([{ ...model!, standIns }], list, today)[0]?.replacement;
  assert.equal(replacement(offering(["gpt-6-luna"], ["gpt-6.1-terra"])), "gpt-6.1-terra");
  assert.equal(replacement(offering(["gpt-6-luna"], ["gpt-6.1-terra", "2026-12-23"])), "gpt-6-luna");
  assert.equal(replacement(offering(["llama3:latest"])), "llama3:latest");
  assert.equal(replacement(offering(["a"], ["b"])), null);
  assert.deepEqual(noticesAbout([{ ...model!, standIns, optional: true }], offering(["a"]), today), []);
});

test("a date of the server's wins over the catalog's, and 60 days is soon", () => {
  assert.deepEqual(noticesAbout(named("gpt-5"), offering(["gpt-5", "2028-01-01"]), today), []);
  const state = (day: string) => noticesAbout(named("m"), offering(["m", day]), today)[0]?.state;
  assert.equal(state("2027-01-22"), "ending");
  assert.equal(state("2027-01-23"), undefined);
  assert.equal(state("2026-11-23"), "retired");
});

test("names with a tag or a variant are found, and servers that take any name miss nothing", async (t) => {
  assert.deepEqual(noticesAbout(named("llama3"), offering(["llama3:latest"]), today), []);
  assert.deepEqual(noticesAbout(named("meta/llama:free"), offering(["meta/llama"]), today), []);
  const llama = await serve(t, { models: [{ id: "/models/a.gguf", owned_by: "llamacpp" }] as never });
  const { signal } = new AbortController();
  const list = await askForModels(connect(llama.url), signal);
  assert.deepEqual(noticesAbout(named("whatever"), list, today), []);
  const empty = await serve(t, { models: [] });
  assert.deepEqual(noticesAbout(named("whatever"), await askForModels(connect(empty.url), signal), today), []);
});

test("the list is asked for once a day", async (t) => {
  const server = await serve(t, {
    models: [
      { id: "a", shutdown_date: "2027-01-01" },
      { id: "b", shutdown_date: null },
      { id: "c", shutdown_date: "soon" },
    ],
  });
  const file = join(await temporaryFolder(t), "models.json");
  const { signal } = new AbortController();
  const ask = (now: Date) => listModels({ server: connect(server.url), file, signal, now });
  const models = [
    ["a", "2027-01-01"],
    ["b", null],
    ["c", null],
  ].map(([id, retires]) => ({ id, retires }));
  assert.deepEqual((await ask(today)).models, models);
  assert.deepEqual((await ask(new Date(today.getTime() + 86_000_000))).models, models);
  assert.equal(server.listRequests.length, 1);
  await ask(new Date(today.getTime() + 87_000_000));
  assert.equal(server.listRequests.length, 2);
  await ask(today);
  assert.equal(
    server.listRequests.length,
    3,
    "an answer of the future, where the clock was set back, is not of the last day",
  );
});
