import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";
import { counted } from "../../vectors/word-index.js";
import { wordsOf } from "../../vectors/words.js";

/**
 * The words of some records that follow each other, in a file that never changes. It has, in 32-bit numbers with the lowest byte first:
 * the format, how many records, where their lines begin and how many bytes they have, the records' lengths in words; where each bucket ends, and its CRC-32; the CRC-32 of all this; and then the buckets.
 * A bucket has two numbers for each word of each record: the half of the word's hash that does not choose the bucket, and the record's
 * number in the block (upper 16 bits) with how often the word stands there (lower 16).
 */
const format = 1;
const buckets = 4096;
const numberBytes = Uint32Array.BYTES_PER_ELEMENT;
const fixedNumbers = 4;
const headNumbers = (records: number): number => fixedNumbers + records + 2 * buckets + 1;
/** A block has fewer records than this. */
export const mostRecords = 0xffff;
const mostFrequency = 0xffff;

/** Which records a block has: how many, and where in the file of records their lines are. Others would not be told from these. */
export type BlockSpan = { records: number; start: number; bytes: number };

/** What of a block is kept in memory. */
export type WordBlock = { records: number; lengths: Uint32Array; words: number; ends: Uint32Array; sums: Uint32Array };

/** The file of a block cannot be read, or is not as it was written. It can be made again. */
export class LostBlockError extends Error {}

type Hash = { bucket: number; rest: number };

/** Two hashes by FNV-1a (Fowler, Noll and Vo) with different beginnings, 44 bits in all: no two words of a memory are likely to share them. */
function hashOf(word: string): Hash {
  let [first, second] = [0x811c9dc5, 0x2f0b4a87];
  for (let index = 0; index < word.length; index += 1) {
    const unit = word.charCodeAt(index);
    first = Math.imul(first ^ unit, 0x01000193);
    second = Math.imul(second ^ (unit + index), 0x01000193);
  }
  return { bucket: ((first >>> 16) ^ first) & (buckets - 1), rest: (second ^ (second >>> 15)) >>> 0 };
}

/** The block of these texts, as its file holds it. */
export function encodeBlock(texts: readonly string[], span: BlockSpan): Uint8Array {
  const entries: { bucket: number; rest: number; place: number }[] = [];
  const head = new Uint32Array(headNumbers(texts.length));
  head.set(fixedOf(span));
  const { ends, sums, lengths } = partsOf(head, texts.length);
  texts.forEach((text, record) => {
    const words = wordsOf(text);
    lengths[record] = words.length;
    for (const [word, frequency] of counted(words)) {
      const { bucket, rest } = hashOf(word);
      entries.push({ bucket, rest, place: ((record << 16) | Math.min(frequency, mostFrequency)) >>> 0 });
      ends[bucket] = (ends[bucket] as number) + 1;
    }
  });
  const body = new Uint32Array(2 * entries.length);
  const next = new Uint32Array(buckets);
  for (let bucket = 1; bucket < buckets; bucket += 1) {
    next[bucket] = ends[bucket - 1] as number;
    ends[bucket] = (ends[bucket] as number) + (ends[bucket - 1] as number);
  }
  for (const { bucket, rest, place } of entries) {
    const at = next[bucket] as number;
    [body[2 * at], body[2 * at + 1]] = [rest, place];
    next[bucket] = at + 1;
  }
  for (let bucket = 0; bucket < buckets; bucket += 1)
    sums[bucket] = crc32(bytesOf(body.subarray(...spanOf(ends, bucket))));
  head[head.length - 1] = crc32(bytesOf(head.subarray(0, -1)));
  return new Uint8Array(Buffer.concat([bytesOf(head), bytesOf(body)]));
}

const fixedOf = ({ records, start, bytes }: BlockSpan): number[] => [format, records, start >>> 0, bytes >>> 0];

function partsOf(head: Uint32Array, records: number): Pick<WordBlock, "lengths" | "ends" | "sums"> {
  const [first, second] = [fixedNumbers + records, fixedNumbers + records + buckets];
  return {
    lengths: head.subarray(fixedNumbers, first),
    ends: head.subarray(first, second),
    sums: head.subarray(second, -1),
  };
}

/** Where a bucket begins and ends in the numbers behind the head. */
const spanOf = (ends: Uint32Array, bucket: number): [number, number] => [
  2 * (bucket === 0 ? 0 : (ends[bucket - 1] as number)),
  2 * (ends[bucket] as number),
];

const bytesOf = (numbers: Uint32Array): Buffer => Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);

/** Where a block is: in a file, or in memory. */
export type BlockSource = string | Uint8Array;

/** What is kept in memory of the block of these records. Throws LostBlockError. */
export function openBlock(source: BlockSource, span: BlockSpan): WordBlock {
  const { records } = span;
  const { head, size } = withSource(source, (read, bytes) => ({ head: read(0, headNumbers(records)), size: bytes }));
  const isRight = fixedOf(span).every((number, place) => head[place] === number);
  if (!isRight || head[head.length - 1] !== crc32(bytesOf(head.subarray(0, -1))))
    throw new LostBlockError("The head of a block of words is damaged, or that of another block.");
  const parts = partsOf(head, records);
  if (size !== numberBytes * (head.length + 2 * (parts.ends[buckets - 1] as number)))
    throw new LostBlockError("A block of words has lost its end.");
  return { records, words: parts.lengths.reduce((sum, length) => sum + length, 0), ...parts };
}

/** A word that is looked for, and the list of where it stands, as Postings. */
export type SoughtWord = Hash & { word: string; list: number[] };

/** These words, as addPostings looks for them. */
export const soughtWords = (words: Iterable<string>): SoughtWord[] =>
  Array.from(words, (word) => ({ ...hashOf(word), word, list: [] })).sort((one, other) => one.bucket - other.bucket);

/** From so many words on, a block is read in one. */
const manyWords = 300;

/**
 * Adds to each word's list where it stands in the block; `first` is the number of the block's first record. Throws LostBlockError, and some
 * words may have been added then: see cutPostings.
 */
export function addPostings(
  source: BlockSource,
  { records, ends, sums }: WordBlock,
  first: number,
  words: readonly SoughtWord[],
): void {
  const start = headNumbers(records);
  withSource(source, (read) => {
    const body = words.length < manyWords ? null : read(start, 2 * (ends[buckets - 1] as number));
    let numbers: Uint32Array = empty;
    let bucket = -1;
    for (const { bucket: own, rest, list } of words) {
      if (own !== bucket) {
        bucket = own;
        const [from, to] = spanOf(ends, bucket);
        numbers = from === to ? empty : (body?.subarray(from, to) ?? read(start + from, to - from));
        if (from !== to && crc32(bytesOf(numbers)) !== sums[bucket])
          throw new LostBlockError("A bucket of a block of words is damaged.");
      }
      for (let at = 0; at < numbers.length; at += 2) {
        if (numbers[at] !== rest) continue;
        const place = numbers[at + 1] as number;
        list.push(first + (place >>> 16), place & mostFrequency);
      }
    }
  });
}

/** Takes back what was added of records from this one on. */
export function cutPostings(words: readonly SoughtWord[], first: number): void {
  for (const { list } of words) {
    while (list.length > 0 && (list.at(-2) as number) >= first) list.length -= 2;
  }
}

const empty = new Uint32Array();

/** Reads so many numbers of a block from this one on. */
type Read = (from: number, count: number) => Uint32Array;

function withSource<Result>(source: BlockSource, work: (read: Read, bytes: number) => Result): Result {
  if (typeof source !== "string") {
    const read: Read = (from, count) =>
      new Uint32Array(source.slice(from * numberBytes, (from + count) * numberBytes).buffer);
    return work(read, source.length);
  }
  let descriptor: number | null = null;
  try {
    const file = (descriptor = openSync(source, "r"));
    return work((from, count) => readNumbers(file, from, count), fstatSync(file).size);
  } catch (error) {
    if (error instanceof LostBlockError) throw error;
    throw new LostBlockError(`${source} cannot be read.`, { cause: error });
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

/** Throws LostBlockError where the file is too short. */
function readNumbers(descriptor: number, from: number, count: number): Uint32Array {
  const numbers = new Uint32Array(count);
  const bytes = bytesOf(numbers);
  for (let read = 0; read < bytes.length;) {
    const more = readSync(descriptor, bytes, read, bytes.length - read, from * numberBytes + read);
    if (more === 0) throw new LostBlockError("A block of words is too short.");
    read += more;
  }
  return numbers;
}
