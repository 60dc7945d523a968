import * as z from "zod";
import { parseJson } from "../../base/json.js";
import { SettingsError } from "../../errors.js";
import { fileEntry, type FileEntry } from "../folder/entry.js";
import type { Order, RunStatus, WorkerFacts } from "./run-store.js";

const texts = z.array(z.string());

const order = z.object({
  settings: z.string(),
  begin: texts,
  resume: texts,
  after: texts,
  priority: z.int(),
  // Those of earlier versions have none.
  tags: texts.default([]),
});

const workerFacts = z.object({ worker: z.string(), tags: texts, concurrency: z.int().min(1) });

const status = z.object({
  state: z.enum(["submitting", "waiting", "running", "parked", "ended", "cancelled"]),
  since: z.string(),
  aiName: z.string().exactOptional(),
  goals: texts.exactOptional(),
  verdicts: texts.exactOptional(),
  steps: z.int().min(0),
  costUsd: z.number().min(0),
  kills: z.int().min(0).default(0),
  needsUsd: z.number().min(0).exactOptional(),
  asks: z.int().min(1).exactOptional(),
  exitCode: z.int().exactOptional(),
  reason: z.string().exactOptional(),
  message: z.string().exactOptional(),
  failure: z.string().exactOptional(),
  worker: z.string().exactOptional(),
});

/** What the store has is looked at before it is believed: somebody else may have written it. Throws SettingsError. */
function readAs<Value>(schema: z.ZodType<Value>, text: string, what: string): Value {
  const { data } = schema.safeParse(parseJson(text));
  if (data !== undefined) return data;
  throw new SettingsError(
    `The store has ${what} in a form that this version does not know. Another version of the program may have written it: use that one.`,
  );
}

export const readOrder = (run: string, text: string): Order => readAs(order, text, `the order of the run ${run}`);
export const readStatus = (run: string, text: string): RunStatus =>
  readAs(status, text, `the status of the run ${run}`);
export const readEntry = (run: string, path: string, text: string): FileEntry =>
  readAs(fileEntry, text, `the file ${JSON.stringify(path)} of the run ${run}`);

/** Null for what another version has written. */
export const readWorker = (text: string): WorkerFacts | null => workerFacts.safeParse(parseJson(text)).data ?? null;
