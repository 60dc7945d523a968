import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import * as zod from "zod";
import { build, type Plugin } from "esbuild";
import { makeSchemasLate } from "../../build/plugins.js";
import { repository } from "../support/program.js";

const sources = join(repository, "src");

/** What the program's bundle makes of a module of the program's; a warning of the bundler's counts as a failure there. */
async function bundled(contents: string): Promise<{ text: string; errors: string[] }> {
  const plugins = [makeSchemasLate as Plugin];
  const stdin = { contents, resolveDir: sources, sourcefile: join(sources, "probe.ts"), loader: "ts" as const };
  const options = { stdin, plugins, bundle: true, write: false, format: "cjs", platform: "node" } as const;
  return build({ ...options, logLevel: "silent" }).then(
    ({ outputFiles }) => ({ text: outputFiles[0]?.text ?? "", errors: [] }),
    ({ errors }: { errors: { text: string }[] }) => ({ text: "", errors: errors.map(({ text }) => text) }),
  );
}

function exported(text: string): Record<string, unknown> {
  const module = { exports: {} };
  new Function("module", "exports", "require", text)(module, module.exports, createRequire(import.meta.url));
  return module.exports;
}

/** Every kind of schema and of method that the program uses, each as an expression of `z`. */
const kinds = `({
  text: z.string().trim().min(1).max(9).regex(/^[a-z ]+$/i).toLowerCase().describe("a text"),
  number: z.number().min(0).positive().nullable(),
  whole: z.int().min(1).max(5).optional(),
  choice: z.enum(["a", "b"]).default("b"),
  piped: z.string().transform(Number).pipe(z.number().max(7)),
  either: z.union([z.literal(true), z.array(z.string()).readonly()]),
  tagged: z.discriminatedUnion("kind", [z.object({ kind: z.literal("x"), at: z.iso.date() }), z.strictObject({ kind: z.literal("y") })]),
  tree: z.object({ name: z.string().exactOptional(), get below() { return z.array(z.object({ name: z.string() })).nullish(); } }),
  loose: z.looseObject({ when: z.iso.datetime(), to: z.url().catch("none") }).meta({ id: "loose", title: "Loose" }),
  record: z.record(z.string(), z.unknown()).refine((all) => Object.keys(all).length < 3, "too many"),
  pair: z.tuple([z.boolean(), z.custom((value) => value === 1)]),
  more: z.object({ a: z.string() }).extend({ b: z.number().or(z.boolean()) }).partial().prefault({}),
})`;

const values: readonly unknown[] = [
  ...[undefined, null, true, 0, 3, 8, -1, 1.5, "", "a", " AB ", "7", "12", [], ["x"], [true, 1], [true, 2], {}],
  ...[{ kind: "x", at: "2026-01-02" }, { kind: "x", at: "soon" }, { kind: "y" }, { kind: "y", z: 1 }, { kind: "?" }],
  ...[
    { below: [{ name: "n" }] },
    { below: [{}] },
    { name: undefined },
    { when: "2026-01-02T03:04:05Z", to: 1, and: 2 },
  ],
  ...[{ a: "a", b: 1 }, { a: 1 }, { b: "b" }, { a: 1, b: 2, c: 3 }],
];

/** As text, with what JSON leaves out. */
const shown = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) => (part === undefined ? "undefined" : part));

test("a schema that is made when it is first used takes, refuses and tells what zod's own does", async () => {
  const { text } = await bundled(
    `import * as z from "zod"; export const schemas = ${kinds}; export { toJSONSchema } from "zod";`,
  );
  const late = exported(text) as { schemas: Record<string, zod.ZodType>; toJSONSchema: typeof zod.toJSONSchema };
  const own = new Function("z", `return ${kinds}`)(zod) as Record<string, zod.ZodType>;
  for (const [name, schema] of Object.entries(own)) {
    const other = late.schemas[name];
    assert.ok(other);
    for (const value of values)
      assert.equal(shown(other.safeParse(value)), shown(schema.safeParse(value)), `${name} of ${shown(value)}`);
    assert.equal(other.description, schema.description);
    assert.equal(shown(other.meta()), shown(schema.meta()));
    assert.ok(other instanceof zod.ZodType);
    const options = { io: "input", unrepresentable: "any" } as const;
    assert.equal(shown(late.toJSONSchema(other, options)), shown(zod.toJSONSchema(schema, options)));
  }
  assert.deepEqual(Object.keys((late.schemas["more"] as never as zod.ZodPrefault<zod.ZodObject>).unwrap().shape), [
    "a",
    "b",
  ]);
});

test("an object that is read more than a hundred times is read as before", async () => {
  const { text } = await bundled(
    `import * as z from "zod"; export const schema = z.object({ a: z.string(), b: z.int().optional() });`,
  );
  const { schema } = exported(text) as { schema: zod.ZodType };
  for (let time = 0; time < 250; time++) {
    assert.deepEqual(schema.parse({ b: time, a: "a", c: 1 }), { a: "a", b: time });
    assert.equal(schema.safeParse({ b: 1.5, a: 1 }).error?.issues.length, 2);
  }
});

test("a function of zod's that the bundle does not know fails the build", async () => {
  const { errors } = await bundled('import * as z from "zod"; export const schema = z.bigint();');
  assert.match(errors.join(), /bigint.*Name it there/);
});
