import { deflateRawSync, inflateRawSync, type ZlibOptions } from "node:zlib";
import { isObject } from "../base/json.js";

// A value in a line is JSON, with these in place of what was said before:
//   {"$part": 7}             the part with this number
//   {"$parts": [[3, 9], 12]} a list of parts, with runs of numbers as their first and last
//   {"$bytes": "…"}          bytes, in base64
//   {"$map": [[k, v], …]}    a Map
//   {"$set": [v, …]}         a Set
//   {"$object": [[k, v], …]} an object that has a key of ours

/** Shorter texts are repeated, longer ones are said once. */
const shortest = 200;
/** From this length on, in characters, a part is compressed. */
const longestPlain = 1_000;

/** Gives a value that may be repeated its number; a new one is written first. */
export type Part = (text: string) => number;

const ours = /^\$(?:part|parts|bytes|map|set|object)$/;

/**
 * What a value is made of that a line cannot have as it is: `part` is given the JSON of what is long, `text` a long text, which is
 * likely to be said again soon, `object` one of a request's, which does not change any more, `items` numbers those of a list, `bytes` takes secrets out.
 */
export type Encoding = {
  part: Part;
  text: Part;
  /** Gives an object its number, which is the same one in many requests. */
  object(value: object): number;
  items(items: readonly unknown[]): number[];
  bytes(bytes: Uint8Array): Uint8Array;
};

/** A list of objects that do not change and are likely to come again, alone or in other lists: each is a part of its own. It is read as a plain list. */
export class Repeated<Item extends object = object> {
  readonly items: readonly Item[];
  constructor(items: readonly Item[]) {
    this.items = items;
  }
}

/** A value as a line has it. */
export function encode(value: unknown, by: Encoding): unknown {
  if (typeof value === "string") return value.length < shortest ? value : { $part: by.text(value) };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(by.bytes(value)).toString("base64") };
  if (Array.isArray(value)) return value.map((item) => encode(item, by));
  if (value instanceof Repeated) return { $parts: runsOf(value.items.map((item) => by.object(item))) };
  if (value instanceof Map) return { $map: encode([...value], by) };
  if (value instanceof Set) return { $set: encode([...value], by) };
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, encode(inner, by)] as const);
  return entries.some(([key]) => ours.test(key)) ? { $object: entries } : Object.fromEntries(entries);
}

/** The body of a request: the items of its lists, its messages above all, and its objects are parts of their own. */
export const encodeBody = (body: Readonly<Record<string, unknown>>, by: Encoding): unknown =>
  Object.fromEntries(
    Object.entries(body).map(([key, value]) => {
      if (Array.isArray(value) && value.length > 0) return [key, { $parts: runsOf(by.items(value)) }];
      // The form of a reply, which is longer than all the rest of a request and always the same.
      return [key, isObject(value) ? { $part: by.object(value) } : encode(value, by)];
    }),
  );

type Runs = (number | [number, number])[];

/** A list of a request has over a hundred ids, nearly all of them in one run: so nothing is made for each of them. */
function runsOf(ids: readonly number[]): Runs {
  const runs: Runs = [];
  for (let start = 0, end = 0; start < ids.length; start = end) {
    const first = ids[start] as number;
    for (end = start + 1; ids[end] === first + end - start;) end += 1;
    runs.push(end === start + 1 ? first : [first, first + end - start - 1]);
  }
  return runs;
}

/** The numbers that runs stand for. None may name more of them than there are parts: a line of a few bytes could stand for billions. */
function numbersOf(runs: unknown, mostInRun: number): number[] {
  if (!Array.isArray(runs)) throw new Error("It has a list of parts that is no list.");
  return runs.flatMap((run: unknown) => {
    if (typeof run === "number") return [run];
    const [first, last] = Array.isArray(run) ? (run as unknown[]) : [];
    if (typeof first !== "number" || typeof last !== "number" || last - first >= mostInRun)
      throw new Error("It names parts that are not there.");
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** What a line's value stands for. Throws where it names a part that is not there. */
export function decode(value: unknown, parts: ReadonlyMap<number, unknown>): unknown {
  if (Array.isArray(value)) return value.map((item) => decode(item, parts));
  if (!isObject(value)) return value;
  if ("$part" in value) return partOf(parts, value["$part"] as number);
  if ("$parts" in value) return numbersOf(value["$parts"], parts.size).map((id) => partOf(parts, id));
  if ("$bytes" in value) return Buffer.from(value["$bytes"] as string, "base64");
  if ("$map" in value) return new Map(decode(value["$map"], parts) as [unknown, unknown][]);
  if ("$set" in value) return new Set(decode(value["$set"], parts) as unknown[]);
  const entries = "$object" in value ? (value["$object"] as [string, unknown][]) : Object.entries(value);
  return Object.fromEntries(entries.map(([key, inner]) => [key, decode(inner, parts)]));
}

function partOf(parts: ReadonlyMap<number, unknown>, id: number): unknown {
  if (!parts.has(id)) throw new Error(`It names the part ${id}, which is not there.`);
  return parts.get(id);
}

/** How the JSON of a part stands in its line. */
export const storedPart = (json: string): { value: unknown } | { deflated: string } =>
  json.length <= longestPlain ? { value: JSON.parse(json) as unknown } : { deflated: packed(json) };

/** The whole line of a part without its sum, as JSON. */
export const partLine = (id: number, json: string): string =>
  `{"type":"part","id":${id},${json.length <= longestPlain ? `"value":${json}` : `"deflated":"${packed(json)}"`}}`;

const packed = (json: string): string => deflateRawSync(json, packingOf(json)).toString("base64");

/** To have memory made ready for a longer text than it is takes longer than to pack it. */
const packingOf = ({ length }: string): ZlibOptions =>
  length <= shortText ? { level: 1, windowBits: 12, memLevel: 5, chunkSize: shortText } : { level: 1 };
const shortText = 4_096;

/** The value of a part, and how long its JSON is where it was compressed, in bytes. Throws where it cannot be unpacked, or takes more than `most`. */
export function partIn(
  { value, deflated }: { value?: unknown; deflated?: string | undefined },
  most: number,
): { value: unknown; bytes: number } {
  if (deflated === undefined) return { value, bytes: 0 };
  const json = inflateRawSync(Buffer.from(deflated, "base64"), { maxOutputLength: Math.max(1, most) });
  return { value: JSON.parse(json.toString("utf8")) as unknown, bytes: json.length };
}
