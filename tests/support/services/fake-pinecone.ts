import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createNamespaces, Refused, type DataRequest, type Namespaces } from "./fake-pinecone-data.js";
import { bodyOf, closeServer, listenLocally } from "./local-server.js";

/**
 * A server on 127.0.0.1 that speaks the interface of Pinecone as both majors of its client use it (8: version 2026-04 of
 * the interface, 9: version 2026-07) and really compares vectors. The shapes of its answers are those of
 * https://docs.pinecone.io/reference/api/2026-04/control-plane/create_index,
 * https://docs.pinecone.io/reference/api/2026-07/control-plane/create_index and …/describe_index; what is read and
 * written in an index, with its sources, is in fake-pinecone-data.ts.
 */
export interface FakePinecone {
  url: string;
  apiKey: string;
  /** All requests so far, as `METHOD /path`, the index left out. */
  requests: string[];
  /** What stands in an index, whether answers show it yet or not. */
  rows(index: string, namespace: string): Map<string, { values: number[]; metadata?: Record<string, unknown> }>;
  namespaces(index: string): string[];
  /** Puts rows in without the client. */
  seed(index: string, namespace: string, rows: { id: string; values: number[]; metadata?: object }[]): void;
  /** The description of an index as it was asked for. */
  created: Record<string, unknown>[];
  /** From now on answers do not show what is written, until `catchUp`. */
  lag(): void;
  catchUp(): void;
  /** Answers everything with this status; null: as usual. */
  fail(status: number | null): void;
  close(): Promise<void>;
}

type Description = { name: string; dimension: number; cloud: string; region: string; describedBefore: number };
type Place = { index: Description; data: Namespaces };

export const oldVersion = "2026-04";
export const newVersion = "2026-07";
/** How often a new index is described as not being ready. */
const notReadyYet = 2;
const regions: Record<string, readonly string[]> = {
  aws: ["us-east-1", "us-west-2", "eu-west-1"],
  gcp: ["us-central1", "europe-west4"],
  azure: ["eastus2"],
};

export async function startFakePinecone(options: { sayLsn?: boolean } = {}): Promise<FakePinecone> {
  const places = new Map<string, Place>();
  const [requests, created]: [string[], Record<string, unknown>[]] = [[], []];
  const apiKey = "pcsk_test_0123456789";
  let [lagging, failure]: [boolean, number | null] = [false, null];
  const placeOf = (name: string): Place => {
    const place = places.get(name);
    if (place === undefined) throw new Refused(404, 5, `Resource ${name} not found`);
    return place;
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const refused = error instanceof Refused ? error : new Refused(500, 13, String(error));
      send(response, refused.status, { code: refused.code, message: refused.message, details: [] });
    });
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await jsonOf(request);
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const [, index, path] = /^\/data\/([^/]+)(\/.*)$/.exec(url.pathname) ?? [null, null, url.pathname];
    requests.push(`${request.method} ${path}`);
    if (failure !== null) throw new Refused(failure, 14, "the service is not available");
    if (request.headers["api-key"] !== apiKey) return send(response, 401, "Unauthorized");
    const version = String(request.headers["x-pinecone-api-version"]);
    if (![oldVersion, newVersion].includes(version)) throw new Refused(400, 3, `unknown version ${version}`);
    if (index === null || path === undefined) {
      return send(response, ...control(request.method ?? "", url.pathname, body, version));
    }
    const asked: DataRequest = { route: `${request.method} ${path}`, query: url.searchParams, body };
    const { result, headers } = placeOf(index ?? "").data.answer(asked, lagging);
    send(response, 200, result, options.sayLsn === false ? {} : headers);
  };
  const control = (method: string, path: string, body: Record<string, unknown>, version: string): [number, object] => {
    const host = (name: string): string => `${url()}/data/${name}`;
    if (method === "POST" && path === "/indexes") {
      const index = readDescription(body, version);
      if (places.has(index.name)) throw new Refused(409, 6, "Resource already exists");
      if (!regions[index.cloud]?.includes(index.region)) throw new Refused(404, 5, `no region ${index.region}`);
      created.push(body);
      places.set(index.name, { index, data: createNamespaces(index.dimension) });
      return [201, described(index, host(index.name), version)];
    }
    const name = /^\/indexes\/([^/]+)$/.exec(path)?.[1];
    if (method !== "GET" || name === undefined) throw new Refused(404, 5, `unknown path ${method} ${path}`);
    return [200, described(placeOf(name).index, host(name), version)];
  };
  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await listenLocally(server);
  return {
    ...{ url: url(), apiKey, requests, created },
    rows: (index, namespace) => placeOf(index).data.rows(namespace),
    namespaces: (index) => placeOf(index).data.names(),
    seed(index, namespace, rows) {
      placeOf(index).data.answer(
        { route: "POST /vectors/upsert", query: new URLSearchParams(), body: { vectors: rows, namespace } },
        false,
      );
    },
    lag: () => void (lagging = true),
    catchUp() {
      lagging = false;
      for (const { data } of places.values()) data.catchUp();
    },
    fail: (status) => void (failure = status),
    close: () => closeServer(server),
  };
}

async function jsonOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const text = await bodyOf(request);
  if (Buffer.byteLength(text) > 2 * 1024 * 1024) throw new Refused(400, 11, "Request size exceeds the maximum of 2 MB");
  return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
}

function send(
  response: ServerResponse,
  status: number,
  body: object | string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

/** Version 2026-04 has `dimension` and `spec`, version 2026-07 `schema` and `deployment`. */
function readDescription(body: Record<string, unknown>, version: string): Description {
  const { name, dimension, metric, spec, schema, deployment } = body as {
    name: string;
    dimension: number;
    metric: string;
    spec: { serverless: { cloud: string; region: string } };
    schema: { fields: Record<string, { type: string; dimension: number; metric: string }> };
    deployment: { deployment_type: string; cloud: string; region: string };
  };
  const field = version === newVersion ? Object.values(schema.fields)[0] : { type: "dense_vector", dimension, metric };
  const { cloud, region } = version === newVersion ? deployment : spec.serverless;
  if (field?.type !== "dense_vector" || field.metric !== "cosine" || !Number.isInteger(field.dimension)) {
    throw new Refused(400, 3, "this server has indexes of dense vectors that are compared by cosine only");
  }
  return { name, dimension: field.dimension, cloud, region, describedBefore: 0 };
}

function described(index: Description, host: string, version: string): object {
  const { name, dimension, cloud, region } = index;
  const ready = index.describedBefore++ >= notReadyYet;
  const status = { ready, state: ready ? "Ready" : "Initializing" };
  const common = { name, host, status, deletion_protection: "disabled" };
  if (version === oldVersion) {
    const spec = { serverless: { region, cloud, read_capacity: { mode: "OnDemand", status: { state: "Ready" } } } };
    return { ...common, metric: "cosine", dimension, vector_type: "dense", spec };
  }
  return {
    ...common,
    deployment: { cloud, deployment_type: "managed", region },
    read_capacity: { mode: "OnDemand", status: { state: "Ready" } },
    schema: { fields: { _values: { dimension, metric: "cosine", type: "dense_vector" } } },
  };
}
