import assert from "node:assert/strict";
import { cp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { checkpointFile, placesFile } from "../../../src/history/checkpoint/format.js";
import { readRunToGoOn } from "../../../src/history/checkpoint/read-checkpoint.js";
import { reply, type RecordedRequest } from "../../support/services/fake-open-ai.js";
import { scriptedWorld } from "../support/scripted-world.js";

const words = "a plan needs a good map and some rest before the next hill is climbed".split(" ");
const passage = (step: number, length: number): string =>
  Array.from({ length }, (_, index) => words[(index * (step + 3) + step) % words.length]).join(" ");

/** Some results are files of others, some fail, and each step with a file takes a hundred thousand bytes of the journal. */
function scripted(step: number): string {
  const thoughts = { reasoning: passage(step, 60), plan: `- go on from ${step}` };
  if (step % 4 === 2) return reply("read_file", { file: `missing-${step}.txt` }, thoughts);
  if (step % 4 === 3) return reply("search_files", { directory: "", pattern: `*.${step}` }, thoughts);
  return reply("write_to_file", { file: `part-${step}.txt`, text: passage(step, 8_000) }, thoughts);
}

const timeless = (text: string): string => text.replace(/The current time and date is [^\n"\\]*/g, "");

test("a run goes on from a checkpoint as it does from its journal alone, request by request", async (t) => {
  let step = 0;
  let asked: string[] = [];
  const chat = ({ body }: RecordedRequest): string => {
    asked.push(timeless(JSON.stringify(body?.messages)));
    return scripted(++step);
  };
  const env = { CONTEXT_TOKENS: "4000", SNAPSHOTS: "False" };
  const world = await scriptedWorld(t, chat, { env });
  const first = await world.run(["-c", "-l", "12"]);
  assert.equal(first.code, 5, first.stderr);
  const runs = join(world.folder, ".autogpt", "runs");
  const directory = join(runs, (await readdir(runs))[0] ?? "");
  const kept = await readFile(checkpointFile(directory), "utf8");
  assert.match(kept, /"window":\{/);
  const { position } = await readRunToGoOn(directory);
  assert.ok((position?.written ?? 0) > 64 * 1024);

  const before = `${world.folder}-before`;
  await cp(world.folder, before, { recursive: true });
  t.after(() => rm(before, { recursive: true, force: true }));
  const goOn = async (): Promise<string[]> => {
    [step, asked] = [12, []];
    const { stderr } = await world.run(["-c", "--resume", "-l", "17"]);
    assert.match(stderr, /17/);
    return asked;
  };
  const fromCheckpoint = await goOn();
  await rm(world.folder, { recursive: true });
  await cp(before, world.folder, { recursive: true });
  for (const file of [checkpointFile(directory), placesFile(directory)]) await rm(file);
  assert.deepEqual(fromCheckpoint, await goOn());
  assert.ok(fromCheckpoint.length >= 5);
});
