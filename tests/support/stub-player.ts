import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

export type Played = { program: string; args: string[]; input: string };

/** A folder of programs that record how they were called, and do nothing else. Put it first on the search path. */
export async function stubPlayers(
  folder: string,
  names: readonly string[],
  then = "",
): Promise<{ path: string; played(): Promise<Played[]> }> {
  const [path, record] = [join(folder, "players"), join(folder, "played.jsonl")];
  await mkdir(path, { recursive: true });
  for (const name of names) {
    const script = `#!${process.execPath}
const { appendFileSync, readFileSync } = require("node:fs");
const input = readFileSync(0, "utf8");
appendFileSync(${JSON.stringify(record)}, JSON.stringify({ program: ${JSON.stringify(name)}, args: process.argv.slice(2), input }) + "\\n");
${then}
`;
    await writeFile(join(path, name), script);
    await chmod(join(path, name), 0o755);
  }
  return {
    path,
    async played() {
      const text = await readFile(record, "utf8").catch(() => "");
      return text
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Played);
    },
  };
}
