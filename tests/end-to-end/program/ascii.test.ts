import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { tokenizer } from "acorn";
import ts from "typescript";
import { repository } from "../../support/program.js";

const dist = join(repository, "dist");
const isAscii = (text: string): boolean => !/[^\0-\x7f]/.test(text);

/** The characters of a regular expression, whether they stand there as they are or by their code. */
const spelled = (expression: string): string =>
  expression.replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

/** What the regular expressions and texts of a script are once it is read: by its tokens, as it is large. */
function literalsOfScript(script: string) {
  const found = { expressions: new Set<string>(), texts: new Set<string>() };
  for (const token of tokenizer(script, { ecmaVersion: "latest" })) {
    const { label } = token.type;
    if (label === "regexp") found.expressions.add(spelled(script.slice(token.start, token.end)));
    // Its declarations leave out what each token has.
    else if (label === "string" || label === "template") found.texts.add((token as unknown as { value: string }).value);
  }
  return found;
}

/** The same of a source, and its tagged templates. */
function literalsOf(file: string, script: string) {
  const found = { expressions: new Set<string>(), texts: new Set<string>(), tagged: [] as string[] };
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) found.expressions.add(spelled(node.text));
    else if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      found.texts.add(node.text);
    if (ts.isTaggedTemplateExpression(node) && !isAscii(node.getText())) found.tagged.push(node.getText());
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, script, ts.ScriptTarget.ES2023, true));
  return found;
}

test("the scripts of the built program are ASCII, as its launcher reads them", () => {
  const scripts = readdirSync(dist).filter((name) => name.endsWith(".cjs"));
  assert.ok(scripts.includes("cli.cjs"));
  for (const name of scripts) assert.ok(isAscii(readFileSync(join(dist, name), "latin1")), name);
});

test("each text and regular expression with letters beyond ASCII is the same in the built program as in its source", (t) => {
  const built = ["cli.cjs", "document-reader.cjs"].map((name) =>
    literalsOfScript(readFileSync(join(dist, name), "latin1")),
  );
  const expressions = new Set(built.flatMap((script) => [...script.expressions]));
  // Texts that are known beforehand are joined when the program is built.
  const texts = built.flatMap((script) => [...script.texts]).join("\0");
  const { sources } = JSON.parse(readFileSync(join(dist, "cli.cjs.map"), "utf8")) as { sources: string[] };
  let count = 0;
  for (const name of sources.filter((file) => file.startsWith("../src/") && file.endsWith(".ts"))) {
    const source = readFileSync(join(dist, name), "utf8");
    if (isAscii(source)) continue;
    const found = literalsOf(name, source);
    // In a tagged template the code of a character is not that character.
    assert.deepEqual(found.tagged, [], name);
    for (const expression of [...found.expressions].filter((one) => !isAscii(one))) {
      count += 1;
      assert.ok(expressions.has(expression), `${name}: ${expression}`);
    }
    for (const text of [...found.texts].filter((one) => !isAscii(one))) {
      // A text of which not even the ASCII is there belongs to what the program does not use.
      const [longest = ""] = text.split(/[^\0-\x7f]+/).sort((one, other) => other.length - one.length);
      if (longest.length > 20 && !texts.includes(longest)) continue;
      count += 1;
      assert.ok(texts.includes(text), `${name}: ${text}`);
    }
  }
  assert.ok(count > 50);
  t.diagnostic(`${count} texts and regular expressions`);
});
