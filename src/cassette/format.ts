import * as z from "zod";

/**
 * The lines of a cassette, `cassette.jsonl` beside a run's journal: what came into the run from outside. A later version may add
 * types and fields. Values that were said before are named by the numbers of their parts (see `encode.ts`).
 */
const encoded = z.unknown();
const id = z.int().min(0);

/** What was thrown in place of a value; `aborted`: who ended the wait, the user, a limit, or the end of the run. */
const thrown = z.object({
  name: z.string(),
  message: z.string(),
  fields: z.record(z.string(), encoded).optional(),
  aborted: z.enum(["user", "limit", "run"]).optional(),
});
export type Thrown = z.infer<typeof thrown>;

export const cassetteLine = z.discriminatedUnion("type", [
  /** A part of the run begins: the run itself, and each time that it goes on. Numbers of parts and requests begin anew. */
  z.looseObject({
    type: z.literal("session"),
    format: z.literal(1),
    run: z.string(),
    version: z.string(),
    /** The number of the journal's last event before it; 0 for none. */
    seq: z.int().min(0),
    time: z.string(),
    about: encoded,
  }),
  /** A value that later lines name by its number: as it is, or as JSON, compressed (raw deflate) and in base64. */
  z.object({ type: z.literal("part"), id, value: encoded.optional(), deflated: z.string().optional() }),
  /** A request to the model's server, with its body as it was sent. */
  z.object({
    type: z.literal("request"),
    id,
    step: z.int().min(0),
    purpose: z.string().optional(),
    path: z.string(),
    body: encoded,
  }),
  /** What came of it: a body, the data of each event of a stream, or a failure. */
  z.object({
    type: z.literal("answer"),
    request: id,
    text: encoded.optional(),
    events: encoded.optional(),
    error: thrown.optional(),
  }),
  /** What something outside of the program answered: a page, a program, a person, a service. */
  z.object({
    type: z.literal("outcome"),
    of: z.string(),
    step: z.int().min(0),
    input: encoded,
    value: encoded.optional(),
    error: thrown.optional(),
  }),
  /** What was read of a clock and the like, from the `n`th reading on, until the next line of the same kind. */
  z.object({ type: z.literal("reading"), of: z.string(), step: z.int().min(0), n: z.int().min(0), value: encoded }),
  /** Nothing more is recorded: the limit in bytes was reached. */
  z.object({ type: z.literal("full"), bytes: z.int() }),
]);
export type CassetteLine = z.infer<typeof cassetteLine>;
export type SessionLine = Extract<CassetteLine, { type: "session" }>;
