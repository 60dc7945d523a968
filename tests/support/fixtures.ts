import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { repository } from "./program.js";

/** The text of a file of `tests/fixtures`. */
export const fixtureText = (name: string): string => readFileSync(join(repository, "tests", "fixtures", name), "utf8");

/** The rows of a file of `tests/fixtures` that holds one JSON value a line. */
export const fixtureRows = <Row>(name: string): Row[] => rowsOf<Row>(fixtureText(name));

/**
 * The text of a file that may lie beside the repository and is never part of it, null where it does not: tests compare
 * with it besides the fixtures, never in place of them.
 */
export function textBeside(...path: readonly string[]): string | null {
  const file = join(repository, "..", "shared", ...path);
  if (!existsSync(file)) return null;
  const bytes = readFileSync(file);
  return (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
}

/** The rows of such a file; none where it is not there. */
export const rowsBeside = <Row>(...path: readonly string[]): Row[] => rowsOf<Row>(textBeside(...path) ?? "");

const rowsOf = <Row>(text: string): Row[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Row);
