/**
 * FT.CREATE, FT.SEARCH, FT.INFO and FT._LIST over hashes, with exact comparison by cosine. The syntax is that of
 * https://redis.io/docs/latest/commands/ft.create/ and
 * https://redis.io/docs/latest/develop/ai/search-and-query/query/vector-search; the answer of FT.SEARCH (the number of
 * matches, then key and list of fields of each) has the shape of
 * https://docs.cloud.google.com/memorystore/docs/redis/ftsearch, that of FT.INFO (names and values by turns) of
 * https://cloud.google.com/memorystore/docs/valkey/ftinfo. Queries have the filters of https://valkey.io/topics/search-query.
 */
export type Hash = Map<string, Buffer>;
export type Reply = Buffer | string | number | null | ErrorReply | Reply[];
export class ErrorReply extends Error {}

type Index = { prefix: string; vector: string; dimension: number; fields: Map<string, string> };
type Filter = (hash: Hash) => boolean;

export interface SearchIndexes {
  run(command: string, args: Buffer[]): Promise<Reply>;
  setIndexed(share: number): void;
  refuse(): void;
}

export function createSearchIndexes(hashes: (prefix: string) => Promise<Map<string, Hash>>): SearchIndexes {
  const indexes = new Map<string, Index>();
  let [share, refuses] = [1, false];
  const indexOf = (name: string): Index => {
    const index = indexes.get(name);
    if (index === undefined) throw new ErrorReply(`${name}: no such index`);
    return index;
  };
  const matching = async ({ prefix, vector, dimension }: Index): Promise<[string, Hash][]> =>
    [...(await hashes(prefix))].filter(([, hash]) => hash.get(vector)?.length === dimension * 4);
  return {
    async run(command, args) {
      const texts = args.map(String);
      const [name = ""] = texts;
      if (command === "FT._LIST") return [...indexes.keys()];
      if (command === "FT.CREATE") {
        if (indexes.has(name)) throw new ErrorReply("Index already exists");
        indexes.set(name, readSchema(texts.slice(1)));
        return "OK";
      }
      if (command === "FT.INFO") return described(name, indexOf(name), (await matching(indexOf(name))).length, share);
      if (command !== "FT.SEARCH") throw new ErrorReply(`ERR unknown command '${command}'`);
      if (refuses) throw new ErrorReply("Syntax error at offset 1 near memory");
      return search(indexOf(name), await matching(indexOf(name)), args.slice(1));
    },
    setIndexed: (part) => void (share = part),
    refuse: () => void (refuses = true),
  };
}

/** `ON HASH PREFIX 1 <prefix> SCHEMA <vector> VECTOR FLAT 6 TYPE FLOAT32 DIM <n> DISTANCE_METRIC COSINE <field> <type> …` */
function readSchema(words: readonly string[]): Index {
  const [on, hash, prefixWord, one, prefix = "", schema, vector = "", ...rest] = words;
  const head = [on, hash, prefixWord, one, schema].join(" ");
  const shape = rest
    .map((word, index) => (index === 6 ? "<n>" : word))
    .slice(0, 9)
    .join(" ");
  if (head !== "ON HASH PREFIX 1 SCHEMA") throw new ErrorReply(`Unknown argument in ${head}`);
  if (shape !== "VECTOR FLAT 6 TYPE FLOAT32 DIM <n> DISTANCE_METRIC COSINE") {
    throw new ErrorReply(`Could not parse field spec ${shape}`);
  }
  const others = rest.slice(9);
  const types = new Map<string, string>();
  for (let at = 0; at < others.length; at += 2) types.set(others[at] ?? "", others[at + 1] ?? "");
  return { prefix, vector, dimension: Number(rest[6]), fields: types };
}

function described(name: string, index: Index, documents: number, share: number): Reply {
  const algorithm = ["algorithm", ["name", "FLAT", "block_size", 1024]];
  const vector = [
    "capacity",
    10240,
    "dimensions",
    index.dimension,
    "distance_metric",
    "COSINE",
    "data_type",
    "FLOAT32",
  ];
  const attribute = (field: string, type: string, more: Reply[] = []): Reply => [
    ...["identifier", field, "attribute", field, "type", type],
    ...more,
  ];
  return [
    ...["index_name", name, "index_options", []],
    ...["index_definition", ["key_type", "HASH", "prefixes", [index.prefix], "default_score", "1"]],
    "attributes",
    [
      attribute(index.vector, "VECTOR", ["index", [...vector, ...algorithm]]),
      ...[...index.fields].map(([field, type]) => attribute(field, type)),
    ],
    ...["num_docs", String(documents), "num_records", String(documents), "hash_indexing_failures", "0"],
    ...["indexing", share < 1 ? "1" : "0", "percent_indexed", String(share)],
  ];
}

function search(index: Index, candidates: readonly [string, Hash][], args: readonly Buffer[]): Reply {
  const [query = "", ...options] = args.map(String);
  const form = /^\((.*)\)=>\[KNN (\d+) @(\w+) \$(\w+) AS (\w+)\]$/.exec(query);
  const [, filter = "", count, field, parameter = "", alias = ""] = form ?? [];
  if (form === null || field !== index.vector) throw new ErrorReply(`Syntax error in ${query}`);
  const expected = `RETURN 1 ${alias} LIMIT 0 ${count} TIMEOUT 10000 PARAMS 2 ${parameter}`;
  if (options.slice(0, 11).join(" ") !== expected || options.slice(12).join(" ") !== "DIALECT 2") {
    throw new ErrorReply(`Unknown argument in ${options.slice(0, 11).join(" ")}`);
  }
  const target = floats(args[12]);
  if (target.length !== index.dimension)
    throw new ErrorReply("Error parsing vector similarity query: query vector blob size");
  const holds = readFilter(filter, index);
  const found = candidates
    .filter(([, hash]) => holds(hash))
    .map(([key, hash]) => ({ key, distance: Math.fround(1 - cosine(floats(hash.get(index.vector)), target)) }))
    .sort((one, other) => one.distance - other.distance)
    .slice(0, Number(count));
  return [found.length, ...found.flatMap(({ key, distance }): Reply[] => [key, [alias, String(distance)]])];
}

/** `@tag:{word}`, `@number:[least +inf]`, several beside each other, `-( … )` for what must not hold. */
function readFilter(text: string, { fields }: Index): Filter {
  const parts: Filter[] = [];
  let rest = text.trim();
  while (rest !== "") {
    const [not] = /^-\([^()]*\)/.exec(rest) ?? [];
    const [tag, tagName = "", word] = /^@(\w+):\{(\w+)\}/.exec(rest) ?? [];
    const [range, numberName = "", least] = /^@(\w+):\[(\d+) \+inf\]/.exec(rest) ?? [];
    if (not !== undefined) {
      const inner = readFilter(not.slice(2, -1), { fields } as Index);
      parts.push((hash) => !inner(hash));
    } else if (tag !== undefined && fields.get(tagName) === "TAG") {
      parts.push((hash) => String(hash.get(tagName)) === word);
    } else if (range !== undefined && fields.get(numberName) === "NUMERIC") {
      parts.push((hash) => Number(hash.get(numberName)) >= Number(least));
    } else throw new ErrorReply(`Syntax error near ${rest}`);
    rest = rest.slice((not ?? tag ?? range ?? "").length).trimStart();
  }
  return (hash) => parts.every((holds) => holds(hash));
}

function floats(bytes: Buffer = Buffer.alloc(0)): number[] {
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readFloatLE(index * 4));
}

function cosine(one: readonly number[], other: readonly number[]): number {
  const dot = one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
  return dot / (Math.hypot(...one) * Math.hypot(...other));
}
