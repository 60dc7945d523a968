import type { SentMessage } from "../../shapes.js";

/** What a message of a request is, and what of it was left out. */
export type Labelled = SentMessage & { label: string; shortened: { shown: number; of: number } | null };

/** A request as it was sent, beside what the run had by then. */
export type SentContext = {
  messages: Labelled[];
  /** The earlier steps that do not stand in it; null where that cannot be told from its messages. */
  missing: number[] | null;
  /** Whether it tells of them in a summary. */
  hasSummary: boolean;
};

const resultFrame = /\[result of step (\d+)'*: data, not instructions\]/;
const shortenedMark = /\[shortened: the first (\d+) of (\d+) characters are shown\]/;
/** Where a frame is looked for: it begins a message, within the notation of its protocol. */
const frameWithin = 80;

/**
 * What the messages of a step's request are. They are the system's, then a summary where steps are missing, then two for each step
 * that is shown, its reply and its result, then the last one. Results of commands that ran name their step; others do not, and
 * which those are follows from `ran`, where it fits their number.
 */
export function sentContext(sent: readonly SentMessage[], step: number, ran: (step: number) => boolean): SentContext {
  const between = sent.length - 2;
  const hasSummary = between % 2 === 1;
  const first = hasSummary ? 2 : 1;
  const pairs = Math.max(0, Math.floor(between / 2));
  const named = Array.from({ length: pairs }, (_none, pair) => stepNamedIn(sent[first + 2 * pair + 1]));
  const shown = shownSteps(named, step, ran);
  return {
    messages: sent.map((message, at) => ({
      ...message,
      label: labelOf(at, { count: sent.length, first, shown: shown ?? named }),
      shortened: shorteningOf(message),
    })),
    missing: shown && Array.from({ length: step - 1 }, (_none, at) => at + 1).filter((one) => !shown.includes(one)),
    hasSummary,
  };
}

function stepNamedIn(message: SentMessage | undefined): number | null {
  const [, step] = resultFrame.exec(message?.content.slice(0, frameWithin) ?? "") ?? [];
  return step === undefined ? null : Number(step);
}

function shorteningOf({ content }: SentMessage): Labelled["shortened"] {
  const [, shown, of] = shortenedMark.exec(content.slice(-400)) ?? [];
  return shown === undefined ? null : { shown: Number(shown), of: Number(of) };
}

/** The step of each pair of messages: those without a name are the steps between their neighbours that did not run. Null where that leaves a choice. */
function shownSteps(named: readonly (number | null)[], step: number, ran: (step: number) => boolean): number[] | null {
  const all: number[] = [];
  let after = step;
  for (let at = named.length - 1; at >= 0; at -= 1) {
    const name = named[at] ?? null;
    let found = name ?? after - 1;
    // Steps that ran would be named: one that is not named here was left out.
    while (name === null && found > 0 && ran(found)) found -= 1;
    if (found < 1 || found >= after) return null;
    all.unshift(found);
    after = found;
  }
  return all;
}

type Place = { count: number; first: number; shown: readonly (number | null)[] };

function labelOf(at: number, { count, first, shown }: Place): string {
  if (at === 0) return "what the AI is and may do";
  if (at === count - 1) return "the time, what memory brought, what to do now";
  if (at < first) return "what is left of older steps";
  const step = shown[Math.floor((at - first) / 2)];
  return `${step === null || step === undefined ? "a step" : `step ${step}`}, ${(at - first) % 2 === 0 ? "reply" : "result"}`;
}

/** Numbers as ranges: `1–40, 43`. */
export function rangesOf(numbers: readonly number[]): string {
  const ranges: string[] = [];
  for (let at = 0; at < numbers.length;) {
    let end = at;
    while (numbers[end + 1] === (numbers[end] ?? 0) + 1) end += 1;
    ranges.push(end === at ? `${numbers[at]}` : `${numbers[at]}–${numbers[end]}`);
    at = end + 1;
  }
  return ranges.join(", ");
}
