import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { test } from "node:test";
import { repository } from "./support/program.js";

const tables = readFileSync(join(repository, "docs", "architecture.md"), "utf8")
  .split(/^\| folder +\|.*$/m)
  .slice(1)
  .map((table) => rows(table));
const [allowed, typesOnly] = tables as [Map<string, string[]>, Map<string, string[]>];

function rows(table: string): Map<string, string[]> {
  const lines = [...table.matchAll(/^\| ([\w./-]+) +\| (.*?) *\|$/gm)];
  return new Map(lines.map(([, folder = "", list = ""]) => [folder, list.split(", ").filter((name) => name !== "")]));
}

const sources = readdirSync(join(repository, "src"), { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".ts"));

/** The folder below src/, or the file itself where it lies at the top. */
const place = (file: string): string => (file.includes("/") ? (file.split("/")[0] as string) : file);

type Import = { target: string; types: boolean };

function importsOf(file: string): Import[] {
  const text = readFileSync(join(repository, "src", file), "utf8");
  const found = [
    ...text.matchAll(/(?:^|\n)(?:import|export)(\s+type)?\s[^;]*?from\s+"(\.[^"]+)"|import\("(\.[^"]+)"\)/g),
  ];
  return found.map(([statement, type, fixed, dynamic]) => ({
    target: posix.join(dirname(file), (fixed ?? dynamic) as string).replace(/\.js$/, ".ts"),
    types: type !== undefined || /\{\s*(type [^,}]+,?\s*)+\}/.test(statement),
  }));
}

test("every folder imports only what the table in docs/architecture.md allows", () => {
  const wrong = sources.flatMap((file) => {
    const list = allowed.get(place(file));
    if (list === undefined) return file === "errors.ts" ? [] : [`${file}: ${place(file)} is not in the table`];
    return importsOf(file)
      .map(({ target }) => target)
      .filter((target) => target !== "errors.ts" && place(target) !== place(file))
      .filter((target) => !list.includes(place(target)) && !list.includes("everything"))
      .map((target) => `${file} → ${target}`);
  });
  assert.deepEqual(wrong, []);
});

test("what the table allows as types only is imported as types only", () => {
  const wrong = sources.flatMap((file) =>
    importsOf(file)
      .filter(({ target, types }) => !types && (typesOnly.get(place(file)) ?? []).includes(place(target)))
      .map(({ target }) => `${file} → ${target}`),
  );
  assert.deepEqual(wrong, []);
});

test("the tables name only folders that exist or are planned, and all sources were read", () => {
  assert.ok(sources.length > 60, `${sources.length} sources`);
  assert.ok(allowed.size > 15 && typesOnly.size > 3);
});
