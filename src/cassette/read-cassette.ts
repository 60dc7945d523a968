import { isObject } from "../base/json.js";
import { codeOf, isMissing } from "../base/system-error.js";
import { messageOf, SettingsError } from "../errors.js";
import { readJsonLines } from "../storage/json-lines.js";
import { decode, partIn } from "./encode.js";
import { cassetteLine, type SessionLine, type Thrown } from "./format.js";

/** What came of a request: a body, the data of each event of a stream, or a failure, in the middle of a stream perhaps. */
export type RecordedAnswer = { text: string } | { events: readonly string[]; error?: Thrown } | { error: Thrown };

/** A request to the model's server, in the order in which they were sent. */
export type RecordedRequest = {
  step: number;
  /** What it was for, as in the journal. */
  purpose: string | null;
  path: string;
  /** The body as it was sent: `JSON.stringify` of it gives the same bytes, but for secrets. Made when it is asked for; throws SettingsError where its parts are not there. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Null where none is on record: the program was killed before it came. */
  answer: RecordedAnswer | null;
};

/** What something outside answered. */
export type RecordedOutcome = { of: string; step: number; input: unknown } & ({ value: unknown } | { error: Thrown });

/** What was read of a clock and the like, from the `n`th reading on. */
export type RecordedReading = { of: string; step: number; n: number; value: unknown };

/** A part of a run, from where it began or went on to where it stopped. */
export type RecordedSession = Pick<SessionLine, "run" | "version" | "seq" | "time"> & {
  /** What the run was to be: settings without keys, and what else a replay begins with. */
  about: Readonly<Record<string, unknown>>;
  requests: RecordedRequest[];
  outcomes: RecordedOutcome[];
  readings: RecordedReading[];
};

/** `isFull`: the limit in bytes was reached, and the rest of the run is not on record. */
export type Cassette = { sessions: RecordedSession[]; isFull: boolean };

/**
 * What a cassette holds; null where there is none. The end of one whose program was killed may be missing. Throws DamagedLineError,
 * or Error for lines that are not of a cassette, and where compressed parts are more than `mostBytes` together.
 */
export async function readCassette(file: string, mostBytes = mostUnpacked): Promise<Cassette | null> {
  const read = await readJsonLines(file).catch((thrown: unknown) => {
    if (isMissing(thrown)) return null;
    throw thrown;
  });
  if (read === null) return null;
  const reader = createReader(file, mostBytes);
  for (const [index, line] of read.lines.entries()) reader.add(line, index + 1);
  return reader.cassette;
}

type Open = { session: RecordedSession; parts: Map<number, unknown>; requests: Map<number, RecordedRequest> };

/** What all compressed parts of a cassette may be together, in bytes; it may be somebody else's. */
const mostUnpacked = 1 << 30;

function createReader(file: string, mostBytes: number) {
  const cassette: Cassette = { sessions: [], isFull: false };
  let open: Open | null = null;
  let left = mostBytes;
  return {
    cassette,
    add(given: unknown, number: number): void {
      const { data: line, error } = cassetteLine.safeParse(given);
      if (line === undefined) throw new Error(`${file}, line ${number}: ${error.issues[0]?.message ?? "unknown"}.`);
      if (line.type === "session") {
        const { run, version, seq, time } = line;
        const session = { run, version, seq, time, about: {}, requests: [], outcomes: [], readings: [] };
        open = { session, parts: new Map(), requests: new Map() };
        const about = decode(line.about, open.parts);
        if (!isObject(about)) throw new Error(`${file}, line ${number}: it does not say what the run was to be.`);
        open.session.about = about;
        cassette.sessions.push(open.session);
      } else if (line.type === "full") cassette.isFull = true;
      else if (open === null) throw new Error(`${file}, line ${number}: it comes before the first session.`);
      else if (line.type === "part") {
        const { value, bytes } = unpacked(line, left, `${file}, line ${number}`);
        left -= bytes;
        open.parts.set(line.id, value);
      } else followAt(open, line, `${file}, line ${number}`);
    },
  };
}

function unpacked(line: Parameters<typeof partIn>[0], left: number, place: string): ReturnType<typeof partIn> {
  try {
    return partIn(line, left);
  } catch (thrown) {
    const isTooMuch = codeOf(thrown) === "ERR_BUFFER_TOO_LARGE";
    throw new Error(
      `${place}: ${isTooMuch ? "what is recorded unpacks to more than a run can have recorded" : messageOf(thrown)}.`,
      {
        cause: thrown,
      },
    );
  }
}

type Followed = Exclude<ReturnType<typeof cassetteLine.parse>, { type: "session" | "full" | "part" }>;

function followAt(open: Open, line: Followed, place: string): void {
  try {
    follow(open, line, place);
  } catch (thrown) {
    throw new Error(`${place}: ${messageOf(thrown)}`, { cause: thrown });
  }
}

function follow({ session, parts, requests }: Open, line: Followed, place: string): void {
  switch (line.type) {
    case "request": {
      const { id, step, purpose = null, path, body } = line;
      const request: RecordedRequest = {
        ...{ step, purpose, path, answer: null },
        get body() {
          return bodyIn(body, parts, place);
        },
      };
      requests.set(id, request);
      session.requests.push(request);
      break;
    }
    case "answer": {
      const request = requests.get(line.request);
      if (request !== undefined) request.answer = answerIn(line, parts);
      break;
    }
    case "outcome": {
      const { of, step, error } = line;
      const input = decode(line.input, parts);
      session.outcomes.push(
        error === undefined
          ? { of, step, input, value: decode(line.value, parts) }
          : { of, step, input, error: decodedError(error, parts) },
      );
      break;
    }
    case "reading":
      session.readings.push({ of: line.of, step: line.step, n: line.n, value: decode(line.value, parts) });
  }
}

/** Throws SettingsError where it cannot be made of the parts. */
function bodyIn(body: unknown, parts: ReadonlyMap<number, unknown>, place: string): RecordedRequest["body"] {
  try {
    const decoded = decode(body, parts);
    if (isObject(decoded)) return decoded;
    throw new Error("It is no body of a request.");
  } catch (thrown) {
    throw new SettingsError(`${place}: the request is damaged: ${messageOf(thrown)}`, { cause: thrown });
  }
}

function answerIn(line: Extract<Followed, { type: "answer" }>, parts: ReadonlyMap<number, unknown>): RecordedAnswer {
  const error = line.error === undefined ? null : decodedError(line.error, parts);
  if (line.text !== undefined) return { text: decode(line.text, parts) as string };
  const events = line.events === undefined ? [] : (decode(line.events, parts) as string[]);
  if (error === null) return { events };
  return events.length === 0 ? { error } : { events, error };
}

const decodedError = ({ fields, ...error }: Thrown, parts: ReadonlyMap<number, unknown>): Thrown => ({
  ...error,
  ...(fields && { fields: decode(fields, parts) as Record<string, unknown> }),
});
