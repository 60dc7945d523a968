import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { repository } from "./measure.js";
import { dimension } from "./vectors.js";

export type Numpy = { version: string; times: number[]; found: number[][]; peak: number };

const oneThread = { OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };

/** Exact searches by the distribution's numpy, and by the one that python3 finds, where that is another; none where numpy is not there. */
export function numpySearches(vectors: string, queries: string, { threads = "all" as "all" | "one" } = {}): Numpy[] {
  const script = join(repository, "bench", "support", "numpy-search.py");
  const results = ["/usr/bin/python3", "python3"].flatMap((python): Numpy[] => {
    try {
      const output = execFileSync(python, [script, vectors, queries, String(dimension)], {
        env: { ...process.env, ...(threads === "one" && oneThread) },
        stdio: ["ignore", "pipe", "ignore"],
      });
      return [JSON.parse(output.toString("utf8")) as Numpy];
    } catch {
      return [];
    }
  });
  return results.filter(({ version }, place) => results.findIndex((other) => other.version === version) === place);
}
