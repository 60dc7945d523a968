import assert from "node:assert/strict";
import { test } from "node:test";
import { builtInSources } from "../../src/protection/built-in.js";
import { hintOf, mayFit } from "../../src/protection/hint.js";
import { openNames, protectedNames } from "../../src/protection/names.js";
import { pathPattern } from "../../src/protection/pattern.js";
import { accessTo, protectionWith } from "../../src/protection/protection.js";
import { seededNumbers } from "../support/seeded-numbers.js";

const names = [...protectedNames.flatMap((one) => one.names.split(" ")), ...openNames.split(" ")];

test("a path that the patterns fit is never told from them without the patterns: each name and its neighbours, in random paths", () => {
  const { hidden, readOnly, notHidden } = builtInSources();
  const [isHidden, isReadOnly, isOpen] = [hidden, readOnly, notHidden].map(({ source }) => new RegExp(source, "ius"));
  const protection = protectionWith();
  const next = seededNumbers(4);
  const oneOf = (list: readonly string[]): string => list[Math.floor(next() * list.length)] ?? "";
  const changes: ((name: string) => string)[] = [
    (name) => name,
    (name) => name.toUpperCase(),
    (name) => `${name}${oneOf([".", " ", "::$DATA", "x", ".txt", "~"])}`,
    (name) => name.slice(0, Math.floor(next() * name.length)),
    (name) => name.slice(Math.floor(next() * name.length)),
    (name) => `${oneOf(["a", ".", "x."])}${name}`,
    (name) => `${name.replace(/\W/g, "").slice(0, 6)}~${Math.floor(next() * 12)}${oneOf(["", ".jso", ".md"])}`,
  ];
  const found = { hidden: 0, "read-only": 0, open: 0 };
  const tried = (name: string): void => {
    const written = name.replace(/^\//, "").replaceAll("*", () => oneOf(["", "a", "local", "yml"]));
    const path = `${oneOf(["", "", "src/", "a/b/", "node_modules/x/"])}${oneOf(changes.map((change) => change(written)))}${oneOf(["", "", "/x", "/index.ts"])}`;
    const expected =
      isHidden?.test(path) && !isOpen?.test(path) ? "hidden" : isReadOnly?.test(path) ? "read-only" : "open";
    assert.equal(accessTo(protection, path), expected, path);
    found[expected] += 1;
  };
  for (let round = 0; round < 40; round += 1) names.forEach(tried);
  assert.ok(
    Object.values(found).every((count) => count > 500),
    JSON.stringify(found),
  );
});

test("most paths of a project are told without the patterns", () => {
  const [hidden, readOnly] = [builtInSources().hidden.hint, builtInSources().readOnly.hint];
  assert.ok(hidden && readOnly);
  for (const path of [
    "",
    "notes.txt",
    "src/index.ts",
    "readme.md",
    "package.json",
    "docs/setup/index.md",
    "tests/a.test.ts",
  ])
    assert.deepEqual(
      [hidden, readOnly].map((hint) => mayFit(hint)(path)),
      [false, false],
      path,
    );
});

test("a name of nothing but any letters may fit every path, one that begins with them those that have the rest", () => {
  assert.equal(hintOf(["a", "*"]), null);
  const may = mayFit(hintOf(["*.pem*x", "/deep/inside"]) ?? { beginnings: [], within: [] });
  assert.deepEqual(["a/b.pem.x", "deep/inside", "a/key", "a/deer"].map(may), [true, true, false, false]);
  assert.ok(new RegExp(pathPattern(["*.pem*x", "/deep/inside"]), "ius").test("a/b.pem.x"));
});
