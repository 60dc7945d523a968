import { readFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { gunzipSync } from "node:zlib";
import { embedQuery, embedRecords } from "../src/memory/embedding/embed-pieces.js";
import { createOfflineEmbed, offlineModel } from "../src/memory/embedding/offline.js";
import { openLocalStore } from "../src/memory/local/store.js";
import type { StoredRecord } from "../src/memory/memory.js";
import type { Query, RecordStore } from "../src/memory/record-store.js";
import { unitVector } from "../src/memory/vectors/cosine.js";
import { median, reportAtLeast, repository, withFolder } from "./support/measure.js";
import { kinds, readQuestions } from "./support/recall/questions.js";

const call = { step: 1, signal: new AbortController().signal };
const recordOf = (text: string, number: number, model: string, vectors: readonly Float32Array[]): StoredRecord => ({
  ...{ id: `id-${number}`, text, source: { run: "bench", step: number, kind: "note" } },
  ...{ time: new Date(0).toISOString(), embeddingModel: model, dimension: vectors[0]?.length ?? 0, vectors },
});
const open = (folder: string): RecordStore => openLocalStore(folder, (message) => console.log(message));

/** How often a memory finds the right thing, by vectors, by words and by both; and what words cost. */
export async function benchRecall(): Promise<void> {
  await benchLanguages();
  await benchPagesOfServer();
  for (const count of [1_000, 10_000, 100_000]) await benchWords(count);
}

type Asked = { kind: string; vector: Float32Array; words: string; isRight(text: string): boolean; own?: string };
const ways: Record<string, (asked: Asked) => Query> = {
  vectors: ({ vector }) => ({ vector }),
  words: ({ words }) => ({ words }),
  both: ({ vector, words }) => ({ vector, words }),
};

/** By way, and of each kind: which part of the questions has a right text among the first ten. */
type Hits = Record<string, number[]>;

/** Which part of the questions of each kind has a right text first, and among the first ten; and the latter as a part of English. */
async function printHits(store: RecordStore, asked: readonly Asked[], groups: readonly string[]): Promise<Hits> {
  const hits: Hits = {};
  for (const [name, queryOf] of Object.entries(ways)) {
    const atTens: number[] = (hits[name] = []);
    for (const group of groups) {
      const own = asked.filter(({ kind }) => kind === group);
      let [first, ten] = [0, 0];
      for (const one of own) {
        // A text that is itself the query is not an answer.
        const found = (await store.nearest(queryOf(one), 11)).filter(({ text }) => text !== one.own).slice(0, 10);
        if (found.slice(0, 1).some(({ text }) => one.isRight(text))) first += 1;
        if (found.some(({ text }) => one.isRight(text))) ten += 1;
      }
      const [atOne, atTen] = [first / own.length, ten / own.length];
      atTens.push(atTen);
      const ratio = groups.length === 1 ? "" : `, ${(atTen / (atTens[0] ?? NaN)).toFixed(2)} of ${groups[0]}`;
      console.log(`${name}, ${group}: hits at 1 ${atOne.toFixed(2)}, at 10 ${atTen.toFixed(2)}${ratio}`);
    }
  }
  return hits;
}

/** What is asked of both together for the first kind: not to be worse than vectors alone. */
const reportGain = (what: string, { both, vectors }: Hits): void =>
  reportAtLeast(`${what}: hits at 10 by both ÷ by vectors`, (both?.[0] ?? NaN) / (vectors?.[0] ?? NaN), 1);

async function benchLanguages(): Promise<void> {
  const { questions, texts } = readQuestions();
  const embed = createOfflineEmbed();
  await withFolder(async (folder) => {
    const store = open(folder);
    const vectors = await embedRecords(embed, texts, call);
    await store.put(texts.map((text, number) => recordOf(text, number, offlineModel, vectors[number] ?? [])));
    const asked: Asked[] = [];
    for (const { kind, query, answer } of questions) {
      const vector = await embedQuery(embed, [query], call);
      asked.push({ kind, vector, words: query, isRight: (text) => text === answer });
    }
    console.log(`offline model: ${texts.length} texts, ${questions.length} questions`);
    const hits = await printHits(store, asked, kinds);
    const [english = NaN, ...others] = hits["both"] ?? [];
    reportAtLeast(
      "the kind of question with the fewest hits at 10 by both ÷ English",
      Math.min(...others) / english,
      0.8,
    );
    reportGain("English questions", hits);
  });
}

/** Summaries of parts of web pages, embedded by a server: a part is the query, and other parts of its page are right. */
async function benchPagesOfServer(): Promise<void> {
  const parts = realTexts().flatMap(({ text, embedding }) => {
    const found = /^Source: (\S+)\nContent summary part#\d+: ([^]+)$/.exec(text);
    return found === null ? [] : [{ page: found[1], text: found[2] ?? "", embedding }];
  });
  if (parts.length === 0) return console.log("../shared/data/embeddings.jsonl.gz is not there: server's not measured");
  const pageOf = new Map(parts.map(({ text, page }) => [text, page]));
  const asked = parts
    .filter(({ page }) => parts.filter((other) => other.page === page).length > 1)
    .map(({ page, text, embedding }): Asked => ({
      ...{ kind: "parts of pages", vector: embedding, words: text, own: text },
      isRight: (other) => pageOf.get(other) === page,
    }));
  await withFolder(async (folder) => {
    const store = open(folder);
    await store.put(parts.map(({ text, embedding }, number) => recordOf(text, number, "ada", [embedding])));
    console.log(`text-embedding-ada-002: ${parts.length} parts of web pages, ${asked.length} queries`);
    reportGain("parts of web pages", await printHits(store, asked, ["parts of pages"]));
  });
}

function realTexts(): { text: string; embedding: Float32Array }[] {
  try {
    const file = gunzipSync(readFileSync(join(repository, "..", "shared", "data", "embeddings.jsonl.gz")));
    const rows = file.toString("utf8").trim().split("\n");
    return rows.map((line) => {
      const { text, embedding } = JSON.parse(line) as { text: string; embedding: number[] };
      return { text, embedding: unitVector(new Float32Array(embedding)) };
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** What words cost in a memory of so many records of 500 characters: the first recall ever, that of a new process, and a later one. */
async function benchWords(count: number): Promise<void> {
  await withFolder(async (folder) => {
    const store = open(folder);
    for (let from = 0; from < count; from += 1000) {
      const numbers = Array.from({ length: 1000 }, (_, place) => from + place);
      await store.put(numbers.map((number) => recordOf(randomText(500), number, "bench", [new Float32Array([1, 0])])));
    }
    const [short, long] = [randomText(100), randomText(10_000)];
    const timed = async (from: RecordStore, words: string): Promise<number> => {
      const start = performance.now();
      await from.nearest({ words }, 21);
      return performance.now() - start;
    };
    const first = await timed(store, short);
    const [opened, later, longer]: number[][] = [[], [], []];
    for (let round = 0; round < 5; round += 1) {
      const fresh = open(folder);
      await fresh.madeWith();
      await fresh.nearest({ vector: new Float32Array([1, 0]) }, 1);
      opened?.push(await timed(fresh, short));
      later?.push(await timed(fresh, short));
      longer?.push(await timed(fresh, long));
    }
    const ms = (times: readonly number[] = []): string => `${median(times).toFixed(1)} ms`;
    console.log(
      `words of ${count} records: made in ${first.toFixed(0)} ms; first recall of a start ${ms(opened)}, ` +
        `a later one ${ms(later)}, by 10,000 characters ${ms(longer)}`,
    );
  });
}

let state = 1;
function random(): number {
  // xorshift32 (Marsaglia, "Xorshift RNGs", 2003).
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 2 ** 32;
}

/** Words of which each is as much rarer as its number is higher (Zipf's law), of 50,000 in all. */
function randomText(characters: number): string {
  let text = "";
  while (text.length < characters) text += `w${Math.floor(Math.exp(random() * Math.log(50_000))).toString(36)}x `;
  return text;
}
