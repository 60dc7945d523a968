// Puts the tokeniser's tables in a form that is small in memory and read at once.
import { readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { importSource } from "./made-sources.js";
import { failFor } from "./plugins.js";

const reader = join(dirname(fileURLToPath(import.meta.url)), "..", "src", "model", "packed-ranks.ts");
const { hashOf } = await importSource(reader);

/** What of the tokeniser takes another form of its table, its map of texts and how many tokens there are; and how it finds words to count. */
const asked = {
  "this.bytePairStringRankEncoder = /* @__PURE__ */ new Map();":
    "this.bytePairStringRankEncoder = bytePairRankDecoder.strings;",
  "Object.keys(bytePairRankDecoder).length": "bytePairRankDecoder.length",
  // To count, each match is wanted alone: its places would take several times the memory. Together they are the whole text.
  [`for (const [match] of textBeforeSpecial.matchAll(this.tokenSplitRegex)) {
\t\t\t\tif (this.getBpeRankFromString(match) !== void 0) {`]: `const split = this.tokenSplitRegex;
\t\t\tfor (let at = (split.lastIndex = 0); split.test(textBeforeSpecial);) {
\t\t\t\tconst match = textBeforeSpecial.slice(at, (at = split.lastIndex));
\t\t\t\tif (this.getBpeRankFromString(match) !== void 0) {`,
};

/**
 * The tokeniser's tables lie in the folder as packedRanks() has them, and it asks readPackedRanks() of src/model/packed-ranks.ts. It counts
 * and encodes as before; to decode, which nobody does here, it would need its own.
 * @param {string} out
 * @returns {import("esbuild").Plugin}
 */
export const packTables = (out) => ({
  name: "tables",
  setup(bundle) {
    const met = new Set();
    bundle.onLoad({ filter: /[\\/]gpt-tokenizer[\\/].*[\\/]bpeRanks[\\/]\w+\.js$/ }, async ({ path }) => {
      const { default: table } = await import(pathToFileURL(path).href);
      const name = basename(path, ".js");
      met.add(name);
      writeFileSync(join(out, `${name}.ranks`), packedRanks(table.default ?? table));
      return { contents: packedModule(`${name}.ranks`), resolveDir: dirname(reader), loader: "js" };
    });
    bundle.onLoad({ filter: /[\\/]gpt-tokenizer[\\/].*[\\/]BytePairEncodingCore\.js$/ }, ({ path }) => {
      let contents = readFileSync(path, "utf8");
      for (const [text, other] of Object.entries(asked)) {
        if (contents.includes(text)) met.add(text);
        contents = contents.replace(text, other);
      }
      return { contents };
    });
    const expected = ["cl100k_base", "o200k_base", ...Object.keys(asked)];
    bundle.onEnd(() => failFor(expected, met, "of the tokeniser is to be changed, but was not found"));
  },
});

/** @param {string} file */
const packedModule = (file) => `
  import { readFileSync } from "node:fs";
  import { readPackedRanks } from ${JSON.stringify(`./${basename(reader)}`)};
  export default readPackedRanks(readFileSync(new URL(${JSON.stringify(file)}, import.meta.url)));`;

/**
 * The table as bytes that readPackedRanks() reads, where their form is told.
 * @param {readonly (string | readonly number[])[]} table each token's text or bytes, in the order of their ranks
 */
export function packedRanks(table) {
  /** @type {[number, string][]} */
  const texts = [];
  /** @type {[number, readonly number[]][]} */
  const others = [];
  // It may have holes, which are no tokens.
  table.forEach(
    (token, rank) => void (typeof token === "string" ? texts.push([rank, token]) : others.push([rank, token])),
  );
  const buckets = 2 ** Math.ceil(Math.log2(texts.length / 4 + 1));
  /** @type {[number, string][][]} */
  const inBuckets = Array.from({ length: buckets }, () => []);
  for (const one of texts) inBuckets[hashOf(one[1]) & (buckets - 1)]?.push(one);
  const ordered = inBuckets.flat();
  const rest = Buffer.from(JSON.stringify(others), "latin1");
  const startsBy = (/** @type {(token: string) => number} */ sizeOf) => {
    let at = 0;
    const starts = inBuckets.map((tokens) => {
      const start = at;
      for (const [, token] of tokens) at += sizeOf(token);
      return start;
    });
    return [...starts, at];
  };
  const numbers = [
    ...[ordered.length, others.length, buckets, rest.length],
    ...startsBy(() => 1),
    ...startsBy((token) => token.length),
    ...ordered.map(([rank]) => rank),
  ];
  const lengths = Uint8Array.from([...ordered.map(([, token]) => token.length), ...(ordered.length % 2 ? [0] : [])]);
  const characters = Buffer.from(ordered.map(([, token]) => token).join(""), "utf16le");
  return Buffer.concat([Buffer.from(Uint32Array.from(numbers).buffer), lengths, characters, rest]);
}
