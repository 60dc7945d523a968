import { loadPackage } from "../../base/packages/added.js";
import { howToAdd } from "../../base/packages/parts.js";
import { monotonicMs } from "../../base/stopwatch.js";
import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as delay } from "node:timers/promises";
import type { Index, Pinecone } from "@pinecone-database/pinecone";
import { messageOf, SettingsError } from "../../errors.js";
import type { PineconeMetadata } from "./rows.js";
import { StoreDownError } from "../record-store.js";

export type PineconeAddress = {
  apiKey: string | undefined;
  baseUrl: string;
  cloud: "aws" | "gcp" | "azure";
  region: string;
};
export type PineconeIndex = { dimension: number; rows: Index<PineconeMetadata> };

/**
 * An answer with the sequence numbers that came with it: of the write (`written`), and of the last write that searches
 * take into account (`indexed`). Null where the service does not say.
 */
export type PineconeReply<Result> = { result: Result; written: number | null; indexed: number | null };

/** A connection for one namespace in one index. */
export interface PineconeConnection {
  /** Names both in messages. */
  readonly where: string;
  readonly namespace: string;
  /** Null where there is no such index yet. */
  find(): Promise<PineconeIndex | null>;
  /** Creates the index and waits until it can be used. */
  create(dimension: number): Promise<PineconeIndex>;
  /**
   * Runs `work`, which uses the client. Throws StoreDownError where the service is away or too busy, else
   * PineconeRefusal.
   */
  ask<Result>(work: () => Promise<Result>): Promise<PineconeReply<Result>>;
  /** Aborts what is still under way. */
  close(): void;
}

/** The service refused a request; `answer` is what it said. */
export class PineconeRefusal extends SettingsError {
  readonly status: number;
  readonly answer: string;
  constructor(status: number, answer: string, options?: ErrorOptions) {
    super(`Pinecone refuses what memory asks for (status ${status}): ${answer}`, options);
    this.status = status;
    this.answer = answer;
  }
}

export type PineconeOptions = {
  address: PineconeAddress;
  index: string;
  namespace: string;
  /** Loads the client; without it, the one that is installed. */
  load?: () => Promise<typeof Pinecone>;
  /** How long to wait for an answer. */
  answerMs?: number;
};

/** How long to wait for an answer, retries included; less after a request that got none at all. */
const answerMs = 20_000;
const silentAnswerMs = 2_000;
const readyMs = 180_000;
const pauseMs = 1_000;
/** How often a request is sent again after status 429; the client itself retries after 5xx. */
const busyRetries = 2;
/** The longest Retry-After that is waited for. */
const longestBusyMs = 5_000;

type RequestTrace = {
  deadline: number;
  sent: boolean;
  status: number | null;
  written: number | null;
  indexed: number | null;
};

/** Throws SettingsError where the client is not installed, no key is set or the index cannot have this name. */
export async function connectPinecone(options: PineconeOptions): Promise<PineconeConnection> {
  const { address, index, namespace } = options;
  const apiKey = checked(address, index);
  const Client = await (options.load ?? loadPinecone)();
  const traces = new AsyncLocalStorage<RequestTrace>();
  const closing = new AbortController();
  let [silent, asking] = [false, 0];
  const client = new Client({
    apiKey,
    controllerHostUrl: address.baseUrl,
    fetchApi: (request: string | URL | Request, init?: RequestInit) =>
      watchedFetch({ trace: traces.getStore(), closing: closing.signal }, request, init),
    maxRetries: 2,
  });
  const ask = <Result>(work: () => Promise<Result>): Promise<PineconeReply<Result>> => {
    const deadline = monotonicMs() + (silent ? silentAnswerMs : (options.answerMs ?? answerMs));
    const trace: RequestTrace = { deadline, sent: false, status: null, written: null, indexed: null };
    asking += 1;
    return traces
      .run(trace, () => answered(trace, address.baseUrl, work))
      .finally(() => {
        silent = trace.sent ? trace.status === null : silent;
        // Once used, it slows down every promise of the process, until it is told to rest.
        if ((asking -= 1) === 0) traces.disable();
      });
  };
  const find = (): Promise<PineconeIndex | null> => findIndex(client, ask, index, namespace);
  return {
    where: `${namespace} in the Pinecone index ${index}`,
    namespace,
    find,
    ask,
    close: () => closing.abort(),
    async create(dimension) {
      await createIndex(client, ask, address, index, dimension);
      return untilReady(find, index);
    },
  };
}

function checked({ apiKey }: PineconeAddress, index: string): string {
  if (apiKey === undefined) {
    throw new SettingsError(
      "PINECONE_API_KEY is not set. Get a key at https://app.pinecone.io, or use MEMORY_BACKEND=local.",
    );
  }
  if (!/^[a-z0-9]([a-z0-9-]{0,43}[a-z0-9])?$/.test(index)) {
    throw new SettingsError(
      `MEMORY_INDEX is ${index}, but a Pinecone index has a name of at most 45 small letters, digits and dashes.`,
    );
  }
  return apiKey;
}

async function loadPinecone(): Promise<typeof Pinecone> {
  try {
    const name = "@pinecone-database/pinecone";
    return (await loadPackage(name, () => import("@pinecone-database/pinecone"))).Pinecone;
  } catch (error) {
    throw new SettingsError(
      `Its client is missing: ${howToAdd("pinecone")}\nError: Pinecone is not installed. Please install pinecone to use Pinecone as a memory backend.`,
      { cause: error },
    );
  }
}

type Watch = { trace: RequestTrace | undefined; closing: AbortSignal };

async function watchedFetch(
  { trace, closing }: Watch,
  url: string | URL | Request,
  init?: RequestInit,
): Promise<Response> {
  for (let retry = 0; ; retry += 1) {
    if (trace) [trace.sent, trace.status] = [true, null];
    const left = AbortSignal.timeout(Math.max(0, (trace?.deadline ?? monotonicMs() + answerMs) - monotonicMs()));
    const response = await fetch(url, { ...init, signal: AbortSignal.any([closing, left]) });
    if (trace) {
      trace.status = response.status;
      trace.written = headerNumber(response, "x-pinecone-request-lsn") ?? trace.written;
      trace.indexed = headerNumber(response, "x-pinecone-max-indexed-lsn") ?? trace.indexed;
    }
    const pause = (headerNumber(response, "retry-after") ?? 2 ** retry) * 1000;
    if (response.status !== 429 || retry === busyRetries || pause > longestBusyMs) return response;
    await delay(pause, undefined, { signal: closing });
  }
}

function headerNumber({ headers }: Response, name: string): number | null {
  const value = headers.get(name);
  return value === null || !/^\d+$/.test(value) ? null : Number(value);
}

async function answered<Result>(
  trace: RequestTrace,
  address: string,
  work: () => Promise<Result>,
): Promise<PineconeReply<Result>> {
  try {
    const result = await work();
    if (result === null) throw new StoreDownError(`Pinecone at ${address} is down (it answers with nothing).`);
    return { result, written: trace.written, indexed: trace.indexed };
  } catch (error) {
    const { sent, status } = trace;
    if (!sent || error instanceof StoreDownError) throw error;
    // A success that the client cannot read comes from a proxy or the like in between.
    if (status === null || status < 400 || status === 429 || status >= 500) {
      throw new StoreDownError(`Pinecone at ${address} is down (${messageOf(error)}).`, { cause: error });
    }
    throw new PineconeRefusal(status, messageOf(error), { cause: error });
  }
}

type Ask = PineconeConnection["ask"];

async function findIndex(client: Pinecone, ask: Ask, name: string, namespace: string): Promise<PineconeIndex | null> {
  try {
    const { result } = await ask(() => client.describeIndex(name));
    if (result.status?.ready !== true) return null;
    const { dimension, metric, host } = result;
    if (dimension === undefined || metric === "euclidean") {
      throw new SettingsError(
        `The Pinecone index ${name} is not made for comparing by cosine. Set MEMORY_INDEX to another name.`,
      );
    }
    return { dimension, rows: client.index<PineconeMetadata>({ host, namespace }) };
  } catch (error) {
    if (!(error instanceof PineconeRefusal)) throw error;
    if (error.status === 404) return null;
    throw new SettingsError(`Pinecone refuses PINECONE_API_KEY, or what is asked for: ${error.answer}`, {
      cause: error,
    });
  }
}

async function createIndex(client: Pinecone, ask: Ask, address: PineconeAddress, name: string, dimension: number) {
  const { cloud, region } = address;
  try {
    await ask(() => client.createIndex({ name, dimension, metric: "cosine", spec: { serverless: { cloud, region } } }));
  } catch (error) {
    if (!(error instanceof PineconeRefusal)) throw error;
    // Another process, or an earlier run, is creating it already.
    if (error.status === 409) return;
    throw new SettingsError(
      `Pinecone cannot make the index ${name} in the region ${region} of ${cloud}: ${error.answer} ` +
        "Set PINECONE_CLOUD and PINECONE_REGION to where your plan allows indexes (pod environments are gone).",
      { cause: error },
    );
  }
}

async function untilReady(find: () => Promise<PineconeIndex | null>, name: string): Promise<PineconeIndex> {
  const deadline = monotonicMs() + readyMs;
  for (let pause = pauseMs / 10; ; pause = Math.min(pause * 2, pauseMs)) {
    const index = await find();
    if (index !== null) return index;
    if (monotonicMs() > deadline) throw new StoreDownError(`The Pinecone index ${name} is still being made.`);
    await delay(pause);
  }
}
