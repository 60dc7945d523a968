import { readEntry, readStatus } from "../read-stored.js";
import type { RunStore, StoredRun } from "../run-store.js";
import type { Ask, Row } from "./connection.js";
import { schema } from "./layout.js";

/** The files that these rows name. */
export const entriesOf = (run: string, rows: readonly Row[]): StoredRun["files"] =>
  new Map(rows.map(({ path, entry }) => [path as string, readEntry(run, path as string, entry as string)]));

export async function linesFrom(ask: Ask, run: string, from: number, most: number): ReturnType<RunStore["linesFrom"]> {
  // One behind the other, so what ends the run is among the lines where its status says that it has ended.
  const { rows } = await ask(`SELECT status, lines FROM ${schema}.runs WHERE run = $1`, [run]);
  if (rows[0] === undefined) return null;
  const { status, lines: count } = rows[0];
  const lines = await ask(
    `SELECT line FROM ${schema}.lines WHERE run = $1 AND number >= $2 AND number < $2 + $3 ORDER BY number`,
    [run, from, most],
  );
  return {
    status: readStatus(run, status as string),
    count: Number(count),
    lines: lines.rows.map(({ line }) => line as string),
  };
}

export async function filesBelow(ask: Ask, run: string, folder: string): ReturnType<RunStore["filesBelow"]> {
  const { rows } = await ask(`SELECT path, entry FROM ${schema}.files WHERE run = $1 AND starts_with(path, $2)`, [
    run,
    `${folder}/`,
  ]);
  return entriesOf(run, rows);
}
