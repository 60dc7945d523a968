import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { repository } from "./measure.js";
import { dimension } from "./vectors.js";

export type Numpy = { version: string; times: number[]; found: number[][]; peak: number };

/** What numpy's libraries are told by that they may use so many threads. */
const atMost = (threads: number): Record<string, string> =>
  Object.fromEntries(["OPENBLAS", "OMP", "MKL"].map((library) => [`${library}_NUM_THREADS`, String(threads)]));

/**
 * Exact searches by the distribution's numpy, and by the one that python3 finds, where that is another; none where numpy is not there. With all
 * threads unless told.
 */
export function numpySearches(vectors: string, queries: string, { threads }: { threads?: number } = {}): Numpy[] {
  const script = join(repository, "bench", "support", "numpy-search.py");
  const results = ["/usr/bin/python3", "python3"].flatMap((python): Numpy[] => {
    try {
      const output = execFileSync(python, [script, vectors, queries, String(dimension)], {
        env: { ...process.env, ...(threads !== undefined && atMost(threads)) },
        stdio: ["ignore", "pipe", "ignore"],
      });
      return [JSON.parse(output.toString("utf8")) as Numpy];
    } catch {
      return [];
    }
  });
  return results.filter(({ version }, place) => results.findIndex((other) => other.version === version) === place);
}
