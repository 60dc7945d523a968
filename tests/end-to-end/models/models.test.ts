import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { errorBody, reply } from "../../support/services/fake-open-ai.js";
import { eventsOfType } from "../../support/program.js";
import { scriptedWorld, type World, type WorldOptions } from "../support/scripted-world.js";

const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** A run of two steps whose second reply comes when the run has got the list of models, for which no run waits. */
async function listingWorld(t: TestContext, options: WorldOptions): Promise<World> {
  const world: World = await scriptedWorld(
    t,
    async ({ body }) => {
      if (body?.messages.every(({ role }) => role !== "assistant")) return reply("do_nothing");
      while (!existsSync(join(world.folder, ".autogpt", "models.json"))) await sleep(10);
      return reply("task_complete", { reason: "done" });
    },
    options,
  );
  return world;
}

test("start-up and doctor name a model that ends in 30 days, one that is retired and one that is missing", async (t) => {
  const models = [
    { id: "gpt-6.1-terra", shutdown_date: inDays(30) },
    { id: "gpt-4.1-nano", shutdown_date: null },
    { id: "gpt-6-luna" },
    { id: "text-embedding-3-small", shutdown_date: null },
  ];
  const cases: [env: Record<string, string>, told: RegExp, code: number][] = [
    [{}, /gpt-6\.1-terra is shut down on [\d-]+, in 30 days\. Set SMART_LLM_MODEL=gpt-6-luna\./, 0],
    [
      { FAST_LLM_MODEL: "gpt-4.1-nano" },
      /gpt-4\.1-nano was shut down on 2026-10-23\. Set FAST_LLM_MODEL=gpt-6-luna/,
      2,
    ],
    [{ FAST_LLM_MODEL: "gpt-7-gone" }, /gpt-7-gone is not offered by the server\. Set FAST_LLM_MODEL=gpt-6-luna\./, 2],
  ];
  for (const [env, told, code] of cases) {
    const world = await listingWorld(t, { models, env });
    const { code: ended, stderr } = await world.run(["-c"]);
    assert.equal(ended, 0, stderr);
    assert.match(stderr, told);
    const doctor = await world.run(["doctor", "--json"]);
    assert.equal(doctor.code, code, doctor.stdout);
    const entries = JSON.parse(doctor.stdout) as { id: string; found: string }[];
    assert.match(entries.find(({ id }) => id === "models")?.found ?? "", told);
  }
});

test("the list is asked for once a day, not by every run", async (t) => {
  const world = await listingWorld(t, { models: [{ id: "gpt-6.1-terra" }, { id: "gpt-6-luna" }] });
  for (let run = 0; run < 2; run += 1) assert.equal((await world.run(["-c"])).code, 0);
  assert.equal(world.server.listRequests.length, 1);
});

test("pitfall 89: a run whose server never answers the question for its models goes on, and ends without the answer", async (t) => {
  const world = await scriptedWorld(t, [reply("do_nothing"), reply("task_complete", { reason: "done" })], {
    listFault: "hang",
  });
  const { code, stderr } = await world.run(["-c"]);
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /SMART_LLM_MODEL/);
});

test("the smart model gives way to the fast one only where the user said so", async (t) => {
  const gone = { status: 404, body: errorBody("The model does not exist", "model_not_found") };
  const chat = () => reply("task_complete", { reason: "done" });
  const faults = ({ body }: { body: { model: string } | undefined }) =>
    body?.model === "gpt-6.1-terra" ? gone : undefined;
  const strict = await scriptedWorld(t, chat, { faults: faults as never });
  assert.equal((await strict.run(["-c"])).code, 7);
  const yielding = await scriptedWorld(t, chat, { faults: faults as never, env: { SMART_LLM_FALLBACK: "True" } });
  const { code, stderr } = await yielding.run(["-c"]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /gpt-6-luna takes its place/);
  assert.equal(eventsOfType(await yielding.journal(), "model-requested").at(-1)?.model, "gpt-6-luna");
});

test("pitfall 87: on Azure each role has its deployment, and --gpt3only and --gpt4only keep to theirs", async (t) => {
  const asked = async (args: readonly string[]): Promise<string[]> => {
    const world = await scriptedWorld(
      t,
      [reply("start_agent", { name: "a", task: "b", prompt: "c" }), "hello", reply("task_complete")],
      {
        env: {
          USE_AZURE: "True",
          OPENAI_API_KEY: "azure-key-0001",
          OPENAI_AZURE_API_VERSION: "2023-03-15-preview",
          OPENAI_AZURE_API_BASE: "your-base-url-for-azure",
        },
      },
    );
    await writeFile(
      `${world.folder}/azure.yaml`,
      `azure_api_type: azure\nazure_api_base: ${world.server.url.replace("/v1", "")}\nazure_api_version: 2023-03-15-preview\nazure_model_map:\n  fast_llm_model_deployment_id: fast-one\n  smart_llm_model_deployment_id: smart-one\n  embedding_model_deployment_id: embed-one\n`,
    );
    const { code, stderr } = await world.run(["-c", ...args]);
    assert.equal(code, 0, stderr);
    return world.server.chatRequests().map(({ path }) => path);
  };
  const path = (deployment: string) =>
    `/openai/deployments/${deployment}/chat/completions?api-version=2023-03-15-preview`;
  assert.deepEqual(await asked([]), [path("smart-one"), path("fast-one"), path("smart-one")]);
  assert.deepEqual(await asked(["--gpt3only"]), [path("fast-one"), path("fast-one"), path("fast-one")]);
  assert.deepEqual(await asked(["--gpt4only"]), [path("smart-one"), path("smart-one"), path("smart-one")]);
});

test("pitfall 87: what Azure lacks is named: the address, the deployment, a map that is a list, a wrong deployment", async (t) => {
  const world = await scriptedWorld(t, [
    { status: 404, body: errorBody("The API deployment does not exist.", "DeploymentNotFound") },
  ]);
  const env = { USE_AZURE: "True", OPENAI_API_KEY: "azure-key-0001" };
  const run = async (more: Record<string, string>) => {
    const { code, stderr } = await world.run(["-c"], { env: { ...env, ...more } });
    return `${code} ${stderr}`;
  };
  assert.match(await run({}), /^2 .*the address of the resource is not: set OPENAI_AZURE_API_BASE.*azure\.yaml/s);
  const base = { OPENAI_AZURE_API_BASE: world.server.url.replace("/v1", ""), OPENAI_AZURE_API_VERSION: "2024-10-21" };
  assert.match(await run(base), /^2 .*OPENAI_AZURE_CHAT_DEPLOYMENT_ID.*smart_llm_model_deployment_id/s);
  await writeFile(`${world.folder}/azure.yaml`, "azure_model_map:\n  - smart\n");
  assert.match(await run(base), /^2 .*OPENAI_AZURE_CHAT_DEPLOYMENT_ID/s);
  assert.match(
    await run({ ...base, OPENAI_AZURE_CHAT_DEPLOYMENT_ID: "no-such" }),
    /^7 .*no deployment no-such.*SMART_LLM_MODEL/s,
  );
  assert.match((await world.run(["-c"], { env: { USE_AZURE: "True" } })).stderr, /OPENAI_API_KEY.*Azure/);
});
