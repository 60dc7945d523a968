import { replaceFile } from "../../../base/files.js";
import type { Scored } from "../../vectors/best-few.js";
import { createWordIndex, rankByWords, type SearchedTexts } from "../../vectors/word-index.js";
import { lastWords } from "../../vectors/words.js";
import { fileOf, readRecords, type Contents } from "../contents.js";
import { wordsPath } from "../files.js";
import { lineOf } from "../record-index.js";
import {
  addPostings,
  cutPostings,
  encodeBlock,
  LostBlockError,
  mostRecords,
  openBlock,
  soughtWords,
  type BlockSource,
  type BlockSpan,
  type SoughtWord,
  type WordBlock,
} from "./block.js";

/** So many bytes of lines, or as few more as make whole records, are a block. What is behind the last block is read at each start. */
const usualBlockBytes = 512 * 1024;

/**
 * The words of a local memory. Those of whole blocks lie on disk, a file each, and are read in parts; a file that is missing or damaged is made
 * again from the records. Where a block ends follows from the records alone, so that all processes write the same.
 */
export interface KeptWords {
  /** Brings blocks and memory up to date with the contents. Throws as readRecords does. */
  load(contents: Contents): Promise<void>;
  /** Ranks the records by what they share with a query: the best ones, at most so many (see rankByWords). Loads first. */
  rank(contents: Contents, query: string): Promise<(count: number) => Scored<number>[]>;
}

/** Where a block is kept, its records, and the number of the first. */
type BlockPlace = { file: string; first: number; span: BlockSpan };
/** A block, and where it is read. */
type Placed = { block: WordBlock; source: BlockSource; place: BlockPlace };

export function createKeptWords(blockBytes = usualBlockBytes): KeptWords {
  let [of, next] = ["", 0];
  let blocks: Placed[] = [];
  let newest = createWordIndex<number>();

  const load = async (contents: Contents): Promise<void> => {
    const { folder, header, index } = contents;
    const id = header?.id ?? "";
    if (of !== fileOf(contents)) [of, next, blocks, newest] = [fileOf(contents), 0, [], createWordIndex()];
    for (;;) {
      const first = endOfBlocks(blocks);
      const span = wholeBlock(contents, first, blockBytes);
      if (span === null) break;
      const place = { file: wordsPath(folder, id, blocks.length), first, span };
      blocks.push(opened(place) ?? (await made(contents, place)));
      [next, newest] = [first + span.records, createWordIndex()];
    }
    const added = numbersFrom(next, index.records - next);
    for (const { text } of readRecords(contents, added)) newest.add(next++, text);
  };

  return {
    load,
    async rank(contents, query) {
      await load(contents);
      const words = lastWords(query);
      const sought = soughtWords(words);
      for (const [number, { block, source, place }] of blocks.entries()) {
        const { first } = place;
        try {
          addPostings(source, block, first, sought);
        } catch (error) {
          if (!(error instanceof LostBlockError)) throw error;
          cutPostings(sought, first);
          const again = (blocks[number] = await made(contents, place));
          addPostings(again.source, again.block, first, sought);
        }
      }
      return rankByWords(words, together(blocks, newest.texts(), sought));
    },
  };
}

const endOfBlocks = (blocks: readonly Placed[]): number => {
  const last = blocks.at(-1);
  return last === undefined ? 0 : last.place.first + last.block.records;
};

/** The records of the block that begins with this one; null where it is not whole yet. */
function wholeBlock({ index }: Contents, first: number, blockBytes: number): BlockSpan | null {
  const { start } = lineOf(index, first);
  for (let number = first; number < index.records; number += 1) {
    const records = number + 1 - first;
    const bytes = lineOf(index, number).end - start;
    if (bytes >= blockBytes || records === mostRecords) return { records, start, bytes };
  }
  return null;
}

const numbersFrom = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, place) => first + place);

/** The block as it is kept; null where it has to be made. */
function opened(place: BlockPlace): Placed | null {
  try {
    return { block: openBlock(place.file, place.span), source: place.file, place };
  } catch (error) {
    if (error instanceof LostBlockError) return null;
    throw error;
  }
}

/** Makes a block from its records. Where it cannot be kept on disk, it is in memory for as long as this process needs it. */
async function made(contents: Contents, place: BlockPlace): Promise<Placed> {
  const { file, first, span } = place;
  const texts = readRecords(contents, numbersFrom(first, span.records)).map(({ text }) => text);
  const bytes = encodeBlock(texts, span);
  const block = openBlock(bytes, span);
  const isKept = await replaceFile(file, bytes).then(
    () => true,
    () => false,
  );
  return { block, source: isKept ? file : bytes, place };
}

/** The texts of all blocks and the newest ones behind them. The words' lists, which have those of the blocks, get those of the newest as well. */
function together(blocks: readonly Placed[], newest: SearchedTexts, words: readonly SoughtWord[]): SearchedTexts {
  const inBlocks = endOfBlocks(blocks);
  const lengths = new Uint32Array(inBlocks);
  for (const { block, place } of blocks) lengths.set(block.lengths, place.first);
  const lists = new Map(words.map(({ word, list }) => [word, list]));
  for (const { word, list } of words) {
    const postings = newest.postingsOf(word);
    for (let place = 0; place < postings.length; place += 2)
      list.push((postings[place] as number) + inBlocks, postings[place + 1] as number);
  }
  return {
    count: inBlocks + newest.count,
    wordsInAll: blocks.reduce((sum, { block }) => sum + block.words, newest.wordsInAll),
    lengthOf: (text) => (text < inBlocks ? (lengths[text] as number) : newest.lengthOf(text - inBlocks)),
    postingsOf: (word) => lists.get(word) ?? [],
  };
}
