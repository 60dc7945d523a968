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

/** How far a namespace's writes had come, as the service says with each answer; null where it does not. */
export type PineconeReply<Result> = { result: Result; written: number | null; indexed: number | null };

/** One index at the service, and one namespace in it. */
export interface PineconeConnection {
  /** Where it is, for messages. */
  readonly where: string;
  readonly namespace: string;
  /** Null where there is no such index yet. */
  find(): Promise<PineconeIndex | null>;
  /** Makes the index, and waits until it can be used. */
  create(dimension: number): Promise<PineconeIndex>;
  /** Throws StoreDownError where the service is away or too busy, PineconeRefusal for other answers. */
  ask<Result>(work: () => Promise<Result>): Promise<PineconeReply<Result>>;
  /** Gives up what is still under way. */
  close(): void;
}

/** The service understood a request and refused it; `answer` is what it said. */
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
  /** Loads the client; the installed one unless told. */
  load?: () => Promise<typeof Pinecone>;
  /** How long an answer is waited for. */
  answerMs?: number;
};

/** How long an answer is waited for, repeated requests included; less once the service has not answered at all. */
const answerMs = 20_000;
const silentAnswerMs = 2_000;
const readyMs = 180_000;
const pauseMs = 1_000;
/** A request that came too fast is sent again this often, beside what the client does for a failing service. */
const busyRetries = 2;
/** Where the service wants to be left alone for longer, the run does not wait. */
const longestBusyMs = 5_000;

type Exchange = {
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
  const exchanges = new AsyncLocalStorage<Exchange>();
  const closing = new AbortController();
  let silent = false;
  const client = new Client({
    apiKey,
    controllerHostUrl: address.baseUrl,
    fetchApi: (request: string | URL | Request, init?: RequestInit) =>
      watchedFetch({ exchange: exchanges.getStore(), closing: closing.signal }, request, init),
    maxRetries: 2,
  });
  const ask = <Result>(work: () => Promise<Result>): Promise<PineconeReply<Result>> => {
    const deadline = Date.now() + (silent ? silentAnswerMs : (options.answerMs ?? answerMs));
    const exchange: Exchange = { deadline, sent: false, status: null, written: null, indexed: null };
    return exchanges
      .run(exchange, () => answered(exchange, address.baseUrl, work))
      .finally(() => (silent = exchange.sent ? exchange.status === null : silent));
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
    return (await import("@pinecone-database/pinecone")).Pinecone;
  } catch (error) {
    throw new SettingsError(
      "Error: Pinecone is not installed. Please install pinecone to use Pinecone as a memory backend.",
      { cause: error },
    );
  }
}

type Watch = { exchange: Exchange | undefined; closing: AbortSignal };

async function watchedFetch(
  { exchange, closing }: Watch,
  url: string | URL | Request,
  init?: RequestInit,
): Promise<Response> {
  for (let retry = 0; ; retry += 1) {
    if (exchange) [exchange.sent, exchange.status] = [true, null];
    const left = AbortSignal.timeout(Math.max(0, (exchange?.deadline ?? Date.now() + answerMs) - Date.now()));
    const response = await fetch(url, { ...init, signal: AbortSignal.any([closing, left]) });
    if (exchange) {
      exchange.status = response.status;
      exchange.written = headerNumber(response, "x-pinecone-request-lsn") ?? exchange.written;
      exchange.indexed = headerNumber(response, "x-pinecone-max-indexed-lsn") ?? exchange.indexed;
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
  exchange: Exchange,
  address: string,
  work: () => Promise<Result>,
): Promise<PineconeReply<Result>> {
  try {
    const result = await work();
    if (result === null) throw new StoreDownError(`Pinecone at ${address} is down (it answers with nothing).`);
    return { result, written: exchange.written, indexed: exchange.indexed };
  } catch (error) {
    const { sent, status } = exchange;
    if (!sent || error instanceof StoreDownError) throw error;
    // An answer that the client cannot read comes from something that stands in between.
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
    // It is being made already, by another process or by an earlier run.
    if (error.status === 409) return;
    throw new SettingsError(
      `Pinecone cannot make the index ${name} in the region ${region} of ${cloud}: ${error.answer} ` +
        "Set PINECONE_CLOUD and PINECONE_REGION to where your plan allows indexes (pod environments are gone).",
      { cause: error },
    );
  }
}

async function untilReady(find: () => Promise<PineconeIndex | null>, name: string): Promise<PineconeIndex> {
  const deadline = Date.now() + readyMs;
  for (let pause = pauseMs / 10; ; pause = Math.min(pause * 2, pauseMs)) {
    const index = await find();
    if (index !== null) return index;
    if (Date.now() > deadline) throw new StoreDownError(`The Pinecone index ${name} is still being made.`);
    await delay(pause);
  }
}
