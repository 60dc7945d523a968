import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { repository } from "./support/program.js";

const read = (file: string): string => readFileSync(join(repository, file), "utf8");

const namesIn = (folder: string, ending: string): string[] =>
  readdirSync(join(repository, folder)).filter((name) => name.endsWith(ending));

const pages = [
  ...namesIn(".", ".md"),
  ...namesIn("docs", ".md").map((name) => `docs/${name}`),
  ...namesIn("docs/decisions", ".md").map((name) => `docs/decisions/${name}`),
];

/** Where a page's links within the repository lead, as paths below it. */
const linksOf = (page: string): string[] =>
  [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)].map(([, link = ""]) => join(dirname(page), link));

test("every link of a page leads to a file", () => {
  const dead = pages.flatMap((page) =>
    linksOf(page)
      .filter((link) => !existsSync(join(repository, link)))
      .map((link) => `${page}: ${link}`),
  );
  assert.deepEqual(dead, []);
});

test("docs/index.md leads to every page of docs, and the list of decisions to every decision", () => {
  const listed = (index: string): Set<string> => new Set([index, ...linksOf(index)]);
  const missing = (index: string): string[] =>
    namesIn(dirname(index), ".md")
      .map((name) => join(dirname(index), name))
      .filter((page) => !listed(index).has(page));
  assert.deepEqual(missing("docs/index.md"), [], "add a line to docs/index.md");
  assert.deepEqual(missing("docs/decisions/README.md"), [], "add a line to docs/decisions/README.md");
});

test("the tree of docs/architecture.md names every folder of src and no other", () => {
  const tree = /\nsrc\/\n((?: .*\n)+)/.exec(read("docs/architecture.md"))?.[1] ?? "";
  const above: string[] = [];
  const named = [...tree.matchAll(/^( +)([\w-]+)\/ +\S/gm)].map(([, indent = "", name = ""]) => {
    above.length = indent.length / 2 - 1;
    above.push(name);
    return above.join("/");
  });
  const folders = readdirSync(join(repository, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(repository, "src").length + 1));
  const without = (some: readonly string[], others: readonly string[]): string[] =>
    some.filter((folder) => !others.includes(folder));
  assert.deepEqual(without(folders, named), [], "give each of these folders a line in the tree");
  assert.deepEqual(without(named, folders), [], "these folders of the tree do not exist");
});

test("a command that a page names with npm run is one of package.json", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const unknown = pages.flatMap((page) =>
    [...read(page).matchAll(/npm run ([\w:-]+)/g)]
      .map(([, name = ""]) => name)
      .filter((name) => !(name in scripts))
      .map((name) => `${page}: npm run ${name}`),
  );
  assert.deepEqual(unknown, []);
});
