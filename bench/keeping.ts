import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bin, median, report, startInstantServer, timed, withFolder } from "./support/measure.js";

const rounds = 3;
const folders = 100;
const filesInEach = 100;

/**
 * What journal and snapshots add to a step on a workspace of 10,000 files. The step without them keeps nothing, and its journal lies in
 * memory, where a sync costs nothing; that it looks for circles costs no more than the loop's own bookkeeping.
 */
export async function benchKeeping(): Promise<void> {
  for (const [kind, steps, what] of [
    ["write", 200, "writes a file"],
    ["shell", 40, "runs a program"],
  ] as const)
    await withFolder(async (folder) => {
      await fill(join(folder, "workspace"));
      const inMemory = `/dev/shm/autogpt-bench-${process.pid}`;
      const server = await startInstantServer(kind);
      const env = {
        OPENAI_API_BASE_URL: server.url,
        SMART_LLM_MODEL: "bench",
        FAST_LLM_MODEL: "bench",
        EXECUTE_LOCAL_COMMANDS: "True",
      };
      const args = (limit: number): string[] => [bin, ...`-C ai_settings.yaml -c -m no_memory -l ${limit}`.split(" ")];
      const perStep = async (given: Record<string, string>): Promise<number> =>
        ((await timed(args(steps), folder, { ...env, ...given })).ms -
          (await timed(args(2), folder, { ...env, ...given })).ms) /
        (steps - 2);
      const [ratios, times]: number[][] = [[], []];
      for (let round = 0; round < rounds; round++) {
        const kept = await perStep({});
        times?.push(kept);
        ratios?.push(kept / (await perStep({ SNAPSHOTS: "False", AUTOGPT_HOME: inMemory })));
      }
      const detail = `${median(times ?? []).toFixed(1)} ms a step`;
      report(`a step that ${what}, kept ÷ not kept, 10,000 files`, median(ratios ?? []), 1.25, detail);
      server.close();
      await rm(inMemory, { recursive: true, force: true });
    });
}

async function fill(workspace: string): Promise<void> {
  for (let folder = 0; folder < folders; folder++) {
    await mkdir(join(workspace, `folder-${folder}`), { recursive: true });
    for (let file = 0; file < filesInEach; file++)
      await writeFile(join(workspace, `folder-${folder}`, `${file}.txt`), `file ${file} of folder ${folder}\n`);
  }
}
