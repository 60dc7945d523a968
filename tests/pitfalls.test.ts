import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { repository } from "./support/program.js";

/** The tests' files with the numbers that they cite. */
type Citations = ReadonlyMap<string, ReadonlySet<number>>;

const numbersCited = (text: string): Set<number> =>
  new Set(
    [...text.matchAll(/\bpitfalls? (\d+(?:(?:, | and )\d+)*)/g)].flatMap(([, list = ""]) =>
      (list.match(/\d+/g) ?? []).map(Number),
    ),
  );

function citationsOfTests(): Citations {
  const names = readdirSync(join(repository, "tests"), { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => name.endsWith(".ts") && name !== "pitfalls.test.ts");
  return new Map(
    files.map((name) => [
      `tests/${name.replaceAll("\\", "/")}`,
      numbersCited(readFileSync(join(repository, "tests", name), "utf8")),
    ]),
  );
}

/** Everything in which the page and the tests disagree, a line each. */
function disagreements(page: string, citations: Citations): string[] {
  const entries = page.split(/^### (?=\d+\. )/m).slice(1);
  const numbers = entries.map((entry) => Number.parseInt(entry));
  return [
    ...numbers.filter((number, place) => numbers.indexOf(number) !== place).map((number) => `${number} stands twice`),
    ...entries.flatMap((entry) => problemsOf(entry, citations)),
    ...[...citations].flatMap(([file, cited]) =>
      [...cited]
        .filter((number) => !numbers.includes(number))
        .map((number) => `${file} cites pitfall ${number}, which is not in the page`),
    ),
  ];
}

function problemsOf(entry: string, citations: Citations): string[] {
  const number = Number.parseInt(entry);
  const files = [...(/^Tested in (.*)/ms.exec(entry)?.[1] ?? "").matchAll(/`(tests\/[^`]+)`/g)].map(
    ([, file = ""]) => file,
  );
  const citing = [...citations].filter(([, cited]) => cited.has(number)).map(([file]) => file);
  const advice = citing.length === 0 ? "no test cites it" : `it is cited in ${citing.sort().join(", ")}`;
  if (files.length === 0 && !/^Not tested: \S/m.test(entry)) return [`${number} does not say where it is tested`];
  if (files.length === 0 && citing.length > 0) return [`${number} is said not to be tested: ${advice}`];
  return files.filter((file) => !citing.includes(file)).map((file) => `${number} names ${file}: ${advice}`);
}

test("every pitfall of the original is in docs/pitfalls.md with the tests that hold it, and every number that tests cite is there", () => {
  const page = readFileSync(join(repository, "docs", "pitfalls.md"), "utf8");
  assert.deepEqual(disagreements(page, citationsOfTests()), []);
  const numbers = [...page.matchAll(/^### (\d+)\. \S/gm)].map(([, number]) => Number(number));
  assert.deepEqual(
    numbers.sort((one, other) => one - other),
    Array.from({ length: 94 }, (_, index) => index + 1),
  );
});

test("a number that is missing, named twice, tested elsewhere or not at all is found", () => {
  const page = ["### 1. One\n\nTested in `tests/a.ts`,\n`tests/b.ts`.", "### 2. Two\n\nNot tested: it is not here."];
  const citations = new Map([
    ["tests/a.ts", numbersCited('"pitfalls 1, 2 and 8: x"')],
    ["tests/b.ts", numbersCited("// pitfall 1")],
  ]);
  assert.deepEqual(disagreements(page.join("\n\n"), citations), [
    "2 is said not to be tested: it is cited in tests/a.ts",
    "tests/a.ts cites pitfall 8, which is not in the page",
  ]);
  assert.deepEqual(disagreements([...page, "### 2. Again\n\n", page[0]].join("\n\n"), new Map()), [
    "2 stands twice",
    "1 stands twice",
    "1 names tests/a.ts: no test cites it",
    "1 names tests/b.ts: no test cites it",
    "2 does not say where it is tested",
    "1 names tests/a.ts: no test cites it",
    "1 names tests/b.ts: no test cites it",
  ]);
});
