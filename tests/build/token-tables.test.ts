import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import * as cl100k from "gpt-tokenizer/encoding/cl100k_base";
import * as o200k from "gpt-tokenizer/encoding/o200k_base";
import cl100kRanks from "gpt-tokenizer/bpeRanks/cl100k_base";
import o200kRanks from "gpt-tokenizer/bpeRanks/o200k_base";
import { packedRanks } from "../../build/token-tables.js";
import { readPackedRanks } from "../../src/model/packed-ranks.js";
import { repository } from "../support/program.js";
import { seededNumbers } from "../support/seeded-numbers.js";

const require = createRequire(import.meta.url);

for (const [name, library, table] of [
  ["cl100k_base", cl100k, cl100kRanks],
  ["o200k_base", o200k, o200kRanks],
] as const) {
  test(`${name}: a packed table has each token with its rank, and no other`, () => {
    const bytes = packedRanks(table);
    // Where the bytes lie is nobody's choice.
    const shifted = new Uint8Array(bytes.length + 1).subarray(1);
    shifted.set(bytes);
    for (const one of [bytes, shifted]) {
      const packed = readPackedRanks(one);
      const others = new Map<number, readonly number[]>();
      packed.forEach((token, rank) => others.set(rank, token));
      assert.equal(packed.length, table.length);
      const wrong: unknown[] = [];
      table.forEach((token: string | number[], rank: number) => {
        const found =
          typeof token === "string" ? packed.strings.get(token) === rank : `${others.get(rank)}` === `${token}`;
        if (!found) wrong.push(token);
      });
      assert.deepEqual(wrong, []);
      for (const stranger of ["", " no token of theirs", "\ud800", "x".repeat(400)])
        assert.equal(packed.strings.get(stranger), undefined);
    }
  });

  test(`${name}: the built tokeniser encodes as the library does`, () => {
    const built = require(join(repository, "dist", `${name}.cjs`)) as typeof library;
    const random = seededNumbers(7);
    const pick = (from: string): string => from[Math.floor(random() * from.length)] ?? "";
    const letters = "aeiou nrst,.\n\t{}\"'0123456789äßéñ中文日本語한국어русский🙂🚀\u0301\u0085\u00a0\u200d\u3000";
    const texts = Array.from({ length: 300 }, () =>
      Array.from({ length: 1 + Math.floor(random() * 200) }, () => pick(letters)).join(""),
    );
    const options = { disallowedSpecial: new Set<string>() };
    for (const text of [...texts, "", "<|endoftext|>", "The quick brown fox. ".repeat(200)]) {
      assert.deepEqual(built.encode(text, options), library.encode(text, options));
      assert.equal(built.countTokens(text, options), library.countTokens(text, options));
    }
  });
}
