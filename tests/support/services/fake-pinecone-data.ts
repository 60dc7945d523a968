/**
 * What is read and written in one index of the fake Pinecone. The answers have the shapes of
 * https://docs.pinecone.io/reference/api/2026-07/data-plane/upsert, …/query, …/fetch, …/list, …/delete and
 * …/describeindexstats (and the same pages of version 2026-04), the headers of
 * https://docs.pinecone.io/guides/index-data/check-data-freshness, the limits of
 * https://docs.pinecone.io/reference/api/database-limits/operation-limits, and filters the operators of
 * https://docs.pinecone.io/guides/search/filter-by-metadata.
 */
export class Refused extends Error {
  readonly status: number;
  readonly code: number;
  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

type Metadata = Record<string, unknown>;
export type Row = { id: string; values: number[]; metadata?: Metadata };
export type DataRequest = { route: string; query: URLSearchParams; body: Record<string, unknown> };
type Rows = Map<string, Row>;
/** What is written, what answers show of it, and how many writes each of the two has seen. */
type Namespace = { written: Rows; lsn: number; shown: Rows; shownLsn: number };

export interface Namespaces {
  answer(request: DataRequest, lagging: boolean): { result: object; headers: Record<string, string> };
  catchUp(): void;
  rows(namespace: string): Rows;
  names(): string[];
}

const mostRows = 1000;
const mostMetadataBytes = 40 * 1024;
const mostAsked = 10_000;

export function createNamespaces(dimension: number): Namespaces {
  const all = new Map<string, Namespace>();
  const show = (namespace: Namespace): void => {
    namespace.shown = new Map(namespace.written);
    namespace.shownLsn = namespace.lsn;
  };
  const write = (name: string, lagging: boolean, change: (rows: Rows) => void) => {
    const namespace = all.get(name) ?? { written: new Map(), lsn: 0, shown: new Map(), shownLsn: 0 };
    all.set(name, namespace);
    change(namespace.written);
    namespace.lsn += 1;
    if (!lagging) show(namespace);
    return { "x-pinecone-request-lsn": String(namespace.lsn) };
  };
  const shown = (name: string): Rows => all.get(name)?.shown ?? new Map<string, Row>();
  const routes: Record<
    string,
    (request: DataRequest, name: string, lagging: boolean) => ReturnType<Namespaces["answer"]>
  > = {
    "POST /vectors/upsert": ({ body }, name, lagging) => {
      const rows = body["vectors"] as Row[];
      if (rows.length > mostRows) throw new Refused(400, 3, `more than ${mostRows} vectors`);
      rows.forEach((row) => refuseRow(row, dimension));
      const headers = write(name, lagging, (written) => rows.forEach((row) => written.set(row.id, row)));
      return { result: { upsertedCount: rows.length }, headers };
    },
    "POST /vectors/delete": ({ body }, name, lagging) => {
      if (!all.has(name)) throw new Refused(404, 5, "Namespace not found");
      const ids = body["deleteAll"] === true ? null : (body["ids"] as string[]);
      if (ids !== null && ids.length > mostRows) throw new Refused(400, 3, `more than ${mostRows} ids`);
      const headers = write(name, lagging, (written) => {
        if (ids === null) written.clear();
        else ids.forEach((id) => written.delete(id));
      });
      return { result: {}, headers };
    },
    "POST /query": ({ body }, name) => ({
      result: { matches: matches(shown(name), body, dimension), namespace: name, usage: { readUnits: 1 } },
      headers: { "x-pinecone-max-indexed-lsn": String(all.get(name)?.shownLsn ?? 0) },
    }),
    "GET /vectors/fetch": ({ query }, name) => {
      const found = query.getAll("ids").flatMap((id) => shown(name).get(id) ?? []);
      const vectors = Object.fromEntries(found.map((row) => [row.id, row]));
      return { result: { vectors, namespace: name, usage: { readUnits: 1 } }, headers: {} };
    },
    "GET /vectors/list": ({ query }, name) => ({ result: listed([...shown(name).keys()], query, name), headers: {} }),
    "POST /describe_index_stats": () => {
      const counts = [...all].map(([each, { shown: rows }]) => [each, { vectorCount: rows.size }] as const);
      const total = counts.reduce((sum, [, { vectorCount }]) => sum + vectorCount, 0);
      const common = { dimension, indexFullness: 0, totalVectorCount: total, metric: "cosine", vectorType: "dense" };
      return { result: { namespaces: Object.fromEntries(counts), ...common }, headers: {} };
    },
  };
  return {
    answer(request, lagging) {
      const route = routes[request.route];
      if (route === undefined) throw new Refused(404, 5, `unknown path ${request.route}`);
      return route(request, String(request.body["namespace"] ?? request.query.get("namespace") ?? ""), lagging);
    },
    names: () => [...all.keys()],
    catchUp: () => all.forEach(show),
    rows: (namespace) => all.get(namespace)?.written ?? new Map<string, Row>(),
  };
}

function refuseRow({ id, values, metadata = {} }: Row, dimension: number): void {
  if (!/^[\x20-\x7e]{1,512}$/.test(id)) throw new Refused(400, 3, "ids are ASCII of at most 512 characters");
  if (values.length !== dimension) {
    throw new Refused(
      400,
      3,
      `Vector dimension ${values.length} does not match the dimension of the index ${dimension}`,
    );
  }
  if (values.every((value) => value === 0))
    throw new Refused(400, 3, "Dense vectors must contain at least one non-zero value");
  if (Object.values(metadata).some((value) => !["string", "number", "boolean"].includes(typeof value))) {
    throw new Refused(400, 3, "Metadata value must be a string, number, boolean or list of strings");
  }
  if (Buffer.byteLength(JSON.stringify(metadata)) > mostMetadataBytes)
    throw new Refused(400, 3, "Metadata size exceeds 40 KB");
}

function matches(rows: Rows, body: Record<string, unknown>, dimension: number): object[] {
  const { vector, topK, filter, includeMetadata, includeValues } = body as {
    vector: number[];
    topK: number;
    filter?: Metadata;
    includeMetadata?: boolean;
    includeValues?: boolean;
  };
  if (topK < 1 || topK > mostAsked) throw new Refused(400, 3, `topK must be from 1 to ${mostAsked}`);
  if (vector.length !== dimension)
    throw new Refused(400, 3, "Vector dimension does not match the dimension of the index");
  return [...rows.values()]
    .filter(({ metadata = {} }) => filter === undefined || holds(filter, metadata))
    .map((row) => ({ row, score: cosine(row.values, vector) }))
    .sort((one, other) => other.score - one.score)
    .slice(0, topK)
    .map(({ row: { id, values, metadata }, score }) => ({
      id,
      score,
      values: includeValues ? values : [],
      ...(includeMetadata ? { metadata } : {}),
    }));
}

function cosine(one: readonly number[], other: readonly number[]): number {
  const dot = one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
  return dot / (Math.hypot(...one) * Math.hypot(...other));
}

/** Fields that all have to hold; `$and` and `$or` have lists of these. */
function holds(filter: Metadata, metadata: Metadata): boolean {
  return Object.entries(filter).every(([name, wanted]) => {
    if (name === "$and") return (wanted as Metadata[]).every((each) => holds(each, metadata));
    if (name === "$or") return (wanted as Metadata[]).some((each) => holds(each, metadata));
    return Object.entries(wanted as Metadata).every(([operator, value]) => compares(operator, metadata[name], value));
  });
}

function compares(operator: string, found: unknown, value: unknown): boolean {
  if (operator === "$eq") return found === value;
  if (operator === "$ne") return found !== value;
  if (operator === "$lt" && typeof value === "number") return typeof found === "number" && found < value;
  throw new Refused(400, 3, `unknown operator ${operator}`);
}

/** Ids in the order of their bytes, at most 100 a page. */
function listed(ids: readonly string[], query: URLSearchParams, namespace: string): object {
  const limit = Math.min(Number(query.get("limit") ?? 100), 100);
  const after = Buffer.from(query.get("paginationToken") ?? "", "base64").toString();
  const left = ids.filter((id) => id.startsWith(query.get("prefix") ?? "") && id > after).sort();
  const page = left.slice(0, limit);
  const next = left.length > limit ? { pagination: { next: Buffer.from(page.at(-1) ?? "").toString("base64") } } : {};
  return { vectors: page.map((id) => ({ id })), ...next, namespace, usage: { readUnits: 1 } };
}
