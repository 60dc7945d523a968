import { asData, cleanLine } from "../base/text.js";
import { taskComplete } from "../commands/self/task-complete.js";
import { pathArguments } from "../history/changed-files.js";
import type { Step } from "../history/events.js";
import type { TokenCounter } from "../model/tokens.js";
import {
  countLine,
  countOldest,
  lineOf,
  newestThatFit,
  note,
  shortenedToFit,
  tokensIn,
  type Noted,
} from "./ledger-lines.js";

/** What the ledger may take of a request, in tokens. */
export type LedgerRoom = {
  /** What it is condensed to, by leaving out what the user has not said. */
  usual: number;
  /** What it never exceeds. */
  most: number;
};

/**
 * What a request says of steps that its history does not show: what the user said and decided, what the goals' checks found
 * last, what the AI decided to change and did, and what failed. It is made from the steps alone, and condensed by rule.
 */
export interface Ledger {
  add(step: Step): void;
  /** As a text for the model; "" where there is nothing to say. */
  text(room: LedgerRoom, counter: TokenCounter): string;
  /** What was added so far, as JSON can have it. */
  state(): LedgerState;
}

/** What steps have left in a ledger. */
export type LedgerState = {
  noted: Record<NotedKind, readonly Noted[]>;
  older: Record<"decisions" | "acts" | "failures", readonly [command: string, times: number][]>;
  judged: Judged | null;
};

const notedKinds = ["feedback", "decisions", "acts", "failures"] as const;
type NotedKind = (typeof notedKinds)[number];
type NotedMaps = [Map<string, Noted>, Map<string, Noted>, Map<string, Noted>, Map<string, Noted>];

const mapsOf = (noted: LedgerState["noted"] | undefined): NotedMaps =>
  notedKinds.map((kind) => new Map(noted?.[kind].map((one) => [one.text, { ...one }]))) as NotedMaps;

const listsOf = ([feedback, decisions, acts, failures]: NotedMaps): LedgerState["noted"] => ({
  ...{ feedback: [...feedback.values()], decisions: [...decisions.values()] },
  ...{ acts: [...acts.values()], failures: [...failures.values()] },
});

/** Older ones than these are only counted, which bounds what a long run keeps of them. */
const mostFailures = 60;
const mostDecisions = 60;
const mostActs = 60;
/** How much of a call, of what came of it, and of what a goal's checks found is shown, in characters. */
const callCharacters = 120;
const resultCharacters = 200;
const foundCharacters = 400;
/** What the headings and frames around the lists take, in tokens. */
const overheadTokens = 130;

/**
 * `standing`: what holds from the run's beginning and stands in no other message, such as the goals' checks; a line each. `from`: what
 * steps have left in another one.
 */
export function createLedger(standing: readonly string[] = [], from: LedgerState | null = null): Ledger {
  const [feedback, decisions, acts, failures] = mapsOf(from?.noted);
  const [olderDecisions, olderActs, olderFailures] = (["decisions", "acts", "failures"] as const).map(
    (kind): Older => new Map(from?.older[kind]),
  ) as [Older, Older, Older];
  let judged: Judged | null = from?.judged ?? null;

  return {
    add(step) {
      const { outcome, result, command } = step;
      const name = command?.name ?? "reply";
      if (outcome === "feedback") note(feedback, withoutLabel(result.text), step.step, name);
      else if (outcome === "refused") note(decisions, `${callOf(step)}: ${said(step)}`, step.step, name);
      else if (command?.name === taskComplete.name && !result.ok) judged = newer(judged, step);
      else if (!result.ok) note(failures, `${callOf(step)}: ${said(step)}`, step.step, name);
      if (result.edited !== undefined)
        note(
          decisions,
          `${callOf(step)}: the user changed ${cleanLine(result.edited, resultCharacters)}`,
          step.step,
          name,
        );
      if (result.ok && (result.changed === true || result.files !== undefined))
        note(acts, actOf(step), step.step, name);
      countOldest(failures, mostFailures, olderFailures);
      countOldest(acts, mostActs, olderActs);
      countOldest(decisions, mostDecisions, olderDecisions);
    },
    text({ usual, most }, counter) {
      const room = most - overheadTokens;
      const goals = goalLines(standing, judged, Math.min(usual, room) / 2, counter);
      const told = shortenedToFit([...feedback.values()].map(lineOf), room - tokensIn(goals, counter), counter);
      const [wanted, rest] = [usual - overheadTokens, room].map((one) => one - tokensIn([...goals, ...told], counter));
      const left = Math.min(Math.max(wanted ?? 0, 2 * countTokens), rest ?? 0);
      const decided = sectionOf(decisions, olderDecisions, left / 2, counter);
      const behind = left - tokensIn(decided, counter);
      const done = sectionOf(acts, olderActs, behind / 2, counter);
      const failed = sectionOf(failures, olderFailures, behind - tokensIn(done, counter), counter);
      return layOut({ goals, told, decided, done, failed });
    },
    state: () => ({
      noted: listsOf([feedback, decisions, acts, failures]),
      older: { decisions: [...olderDecisions], acts: [...olderActs], failures: [...olderFailures] },
      judged,
    }),
  };
}

/** Whether what holds from the beginning needs no shortening, while there is nothing else to tell. */
export const standsWhole = (standing: readonly string[], { usual, most }: LedgerRoom, counter: TokenCounter): boolean =>
  tokensIn(standing, counter) <= Math.min(usual, most - overheadTokens) / 2;

function sectionOf(
  noted: ReadonlyMap<string, Noted>,
  older: ReadonlyMap<string, number>,
  tokens: number,
  counter: TokenCounter,
): string[] {
  const { lines, left } = newestThatFit(noted.values(), tokens - countTokens, counter);
  const counts = new Map(older);
  for (const { command, steps } of left) counts.set(command, (counts.get(command) ?? 0) + steps.length);
  return tokens < countTokens ? [] : [...countLine(counts), ...lines];
}

/** What the line that counts the older ones takes. */
const countTokens = 40;

/** How often what is not listed any more happened, by command. */
type Older = Map<string, number>;

type Sections = Record<"goals" | "told" | "decided" | "done" | "failed", readonly string[]>;

/** What changes seldom comes first: a service finds a prompt again as far as it is the same. */
function layOut({ goals, told, decided, done, failed }: Sections): string {
  const sections = [
    ...(goals.length > 0 ? [`Carried out by the program, when you use task_complete:\n${goals.join("\n")}`] : []),
    ...(told.length > 0 ? [`Human feedback, which still holds:\n${told.join("\n")}`] : []),
    ...(decided.length > 0 ? [`Refused, or changed by the user:\n${decided.join("\n")}`] : []),
    ...(done.length > 0 ? [`Decided by you, and done:\n${asData("what was done", done.join("\n"))}`] : []),
    ...(failed.length > 0 ? [`Failed:\n${asData("failed attempts", failed.join("\n"))}`] : []),
  ];
  return sections.length === 0 ? "" : [heading, ...sections].join("\n\n");
}

const heading = "LEDGER, kept by the program: what must not be forgotten and is not shown below.";

/** `read_file {"file":"a"}`, or what a reply without a command is called. */
function callOf({ command }: Step): string {
  if (command === null) return "a reply without a command";
  const args = Object.keys(command.args).length === 0 ? "" : ` ${JSON.stringify(command.args)}`;
  return cleanLine(`${command.name}${args}`, callCharacters);
}

/** What was done, by its command and the paths that this names; where it names none, by its arguments. */
function actOf(step: Step): string {
  const { name = "", args = {} } = step.command ?? {};
  const paths = pathArguments.map((key) => args[key]).filter((value) => typeof value === "string");
  return paths.length === 0 ? callOf(step) : cleanLine([name, ...paths].join(" "), callCharacters);
}

const said = ({ result }: Step): string => cleanLine(withoutLabel(result.text), resultCharacters);

/** The text without what says whose it is. */
const withoutLabel = (text: string): string =>
  text.replace(/^(?:Human feedback: |Command [^\n]{0,200}? returned: (?:Error: )?)/, "");

/** What the checks found when task_complete was last refused. */
type Judged = { step: number; found: readonly string[] };

function newer(known: Judged | null, { step, result }: Step): Judged {
  if (known !== null && known.step > step) return known;
  const lines = withoutLabel(result.text).split("\n");
  return { step, found: lines.map((line) => cleanLine(line, foundCharacters)) };
}

function goalLines(
  standing: readonly string[],
  judged: Judged | null,
  tokens: number,
  counter: TokenCounter,
): string[] {
  const lines = shortenedToFit(standing, tokens, counter);
  if (judged === null) return lines;
  const found = shortenedToFit(judged.found, tokens - tokensIn(lines, counter), counter);
  if (found.length === 0) return lines;
  return [...lines, asData(`what was found in step ${judged.step}`, found.join("\n"))];
}
