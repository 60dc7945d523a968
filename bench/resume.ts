import { once } from "node:events";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { checkpointFile, placesFile } from "../src/history/checkpoint/format.js";
import {
  bin,
  launched,
  median,
  report,
  startAskedServer,
  startInstantServer,
  timed,
  withFolder,
} from "./support/measure.js";

const rounds = 9;
const steps = 20_000;

/** What a program does at least that reads a journal. */
const readLines =
  'for (const line of require("node:fs").readFileSync(process.argv[1], "utf8").split("\\n")) if (line !== "") JSON.parse(line);';

/** From the launch of `--resume` to its first request, against reading the journal, in turn: with its checkpoint, and without. */
export async function benchResume(): Promise<void> {
  await withFolder(async (folder) => {
    const instant = await startInstantServer();
    const models = { SMART_LLM_MODEL: "bench", FAST_LLM_MODEL: "bench" };
    const run = [bin, "--ai-settings", "ai_settings.yaml", "-c", "-m", "no_memory"];
    await timed([...run, "-l", String(steps)], folder, { ...models, OPENAI_API_BASE_URL: instant.url });
    instant.close();
    const runs = join(folder, ".autogpt", "runs");
    const directory = join(runs, (await readdir(runs))[0] ?? "");
    const journal = join(directory, "events.jsonl");

    const server = await startAskedServer();
    const env = { ...process.env, ...models, HOME: folder, OPENAI_API_KEY: "", OPENAI_API_BASE_URL: server.url };
    const read = (): Promise<number> =>
      launched(["-e", readLines, journal], { cwd: folder, env }, (child) => once(child, "exit"));
    const resume = (): Promise<number> =>
      launched([bin, "--resume", "-c", "-l", String(2 * steps)], { cwd: folder, env }, server.asked);
    const ratiosOf = async (): Promise<number[]> => {
      const ratios: number[] = [];
      for (let round = 0; round < rounds; round++) ratios.push((await resume()) / (await read()));
      return ratios;
    };
    const bytes = (await readFile(checkpointFile(directory))).length + (await readFile(placesFile(directory))).length;
    report("--resume to the first request ÷ reading the journal", median(await ratiosOf()), 1);
    for (const file of [checkpointFile(directory), placesFile(directory)]) await rm(file);
    report("the same without its checkpoint", median(await ratiosOf()), null);
    report("bytes of the checkpoint ÷ those of the journal", bytes / (await readFile(journal)).length, null);
    server.close();
  });
}
