import { commandLine } from "../base/process/command-line.js";
import { tokensOf } from "../history/totals.js";
import type { CommandCall } from "../history/event-parts.js";
import type { JournalEvent } from "../history/events.js";
import type { Listener } from "../history/emit.js";
import { escapeControls, escapeText } from "../base/escape.js";
import { counted, firstCharacters } from "../base/text.js";
import { mostArgumentCharacters, nextAction } from "./approval/next-action.js";
import { fold } from "./text/fold.js";
import { hookTexts } from "./text/guidance.js";
import { costText, endSentence, limitNearText, remedyText } from "./text/words.js";
import { shortIds } from "../history/listing/find-run.js";
import type { LiveThoughts } from "./live-thoughts.js";
import type { Palette } from "./palette.js";
import { createReplyNotes } from "./notes/reply-notes.js";
import { createRetryNotes } from "./notes/retry-notes.js";
import type { Screen } from "./screen.js";

/** The most of one result that is shown; the journal has all of it. */
const shownCharacters = 4_000;
/** On a terminal, an argument of more characters is cut where nobody is asked about the command. */
const mostUnaskedCharacters = 200;

/** Set for a run whose folder is removed after it, as the demo's is: where the journal was is not said then. */
export const removedJournal = "AUTOGPT_DEMO";

export type ConsoleOptions = {
  aiName: string;
  /** The run's name. */
  run: string;
  /** Where the journal is, named in the last lines; null where it will not stay. */
  journal: string | null;
  palette: Palette;
  /** With a JSON format, records are printed in place of these lines, and only notes are wanted. */
  quiet: boolean;
  /** Thoughts that were shown while the reply came in, which are not shown again. */
  live?: LiveThoughts;
};

/** Shows a run in the original's words and order. */
export function consoleListener(screen: Screen, options: ConsoleOptions): Listener {
  const { palette, quiet } = options;
  const retries = createRetryNotes(screen, palette);
  const replies = createReplyNotes(screen, options);
  let asked = 0;
  let step = 0;
  return async (event) => {
    retries(event);
    if (event.type === "limit-near") screen.note(palette("yellow", `WARNING: ${limitNearText(event)}`));
    if (event.type === "hook-ran") sayHook(screen, palette, event);
    if (quiet) return;
    switch (event.type) {
      case "context-built":
        if (event.step !== step) beginStep(screen, palette, (step = event.step));
        return;
      case "model-replied":
        return replies.heard(event);
      case "run-resumed":
        return screen.print(palette("green", `Going on with step ${event.step}.`));
      case "reply-parsed":
        return replies.read(event);
      case "command-parked":
        return screen.print(
          nextAction(palette, event.command, event.effect, screen.live ? mostArgumentCharacters : undefined),
        );
      case "command-asked":
        asked = event.step;
        // On a terminal a preview follows, which shows long arguments whole.
        return screen.print(
          nextAction(palette, event.command, event.effect, screen.live ? mostArgumentCharacters : undefined),
        );
      case "command-answered":
        return screen.note(palette("yellow", answeredText(event)));
      case "command-start":
        if (asked !== event.step) screen.print(unaskedAction(screen, options, event, event.effect));
        return;
      case "step-end":
        if (event.command && (event.outcome === "refused" || event.outcome === "not-runnable"))
          screen.print(unaskedAction(screen, options, { ...event, command: event.command }, whyNot(event)));
        // It says to the model what has just been said to the person who watches.
        if (event.outcome === "not-understood" && screen.isTerminal) return;
        return showResult(screen, options, event);
      case "circle-found":
      case "effect-stopped":
        return sayFinding(screen, palette, event);
      case "run-end":
        return showEnd(screen, options, event);
      default:
    }
  };
}

const answers: ReadonlyMap<string, string> = new Map([
  ["run", "approved"],
  ["deny", "denied"],
  ["feedback", "your word"],
  ["stop", "stop"],
]);

/** That the question which has just stood here was answered by another process. */
const answeredText = ({ answer }: Extract<JournalEvent, { type: "command-answered" }>): string =>
  `Answered from outside this terminal: ${answers.get(answer) ?? answer}.`;

/** What the program found out, and did about it. */
function sayFinding(
  screen: Screen,
  palette: Palette,
  event: Extract<JournalEvent, { type: "circle-found" | "effect-stopped" }>,
): void {
  if (event.type === "circle-found")
    screen.note(
      palette("yellow", `The AI is going in circles: ${escapeText(event.text)} ${remedyText(event.rung)}`.trimEnd()),
    );
  // Of the others the question or the result tells.
  else if (event.instead === "offline")
    screen.note(
      palette("yellow", `${event.command} runs without network, since text that you did not write may have led to it.`),
    );
}

function sayHook(screen: Screen, palette: Palette, event: Extract<JournalEvent, { type: "hook-ran" }>): void {
  const { warnings, notes } = hookTexts(event);
  for (const text of warnings) screen.note(palette("yellow", text));
  for (const text of notes) screen.note(text);
}

/** Why a command was not run, in a few words; what the model is told follows. */
function whyNot({ outcome, command, result }: Extract<JournalEvent, { type: "step-end" }>): string {
  const told = result.text.replace(`Command ${command?.name.trim()} returned: `, "").replace(/^Error: /, "");
  const [sentence = ""] = told.split(/(?<=[.?!])\s/);
  return `${outcome === "refused" ? "refused" : "cannot be run"}: ${firstCharacters(sentence, 200)}`;
}

/** A command that nobody is asked about. On a terminal long arguments are cut, and many are folded. */
function unaskedAction(
  screen: Screen,
  { run, palette }: ConsoleOptions,
  { step, command }: { step: number; command: CommandCall },
  note: string | undefined,
): string {
  if (!screen.isTerminal) return nextAction(palette, command, note);
  return fold(nextAction(palette, command, note, mostUnaskedCharacters), textColumns(screen), whereToSee(run, step));
}

/** How many columns a text has that goes on behind a bar. */
const textColumns = ({ columns = 80, bar }: Screen): number => columns - bar.length;
const whereToSee = (run: string, step: number): string =>
  commandLine(`runs show ${shortIds([run]).get(run) ?? run} --step ${step}`);

/** A step's number, on a line of its own. */
function beginStep(screen: Screen, palette: Palette, step: number): void {
  if (screen.live)
    screen.print(
      palette("dim", `── step ${step} ${"─".repeat(Math.min(24, Math.max(2, (screen.columns ?? 40) - 12)))}`),
    );
  else if (screen.isTerminal) screen.print(`Step ${step}`);
}

/** What came of a step. On a terminal a long text is folded. */
function showResult(
  screen: Screen,
  { run, palette }: ConsoleOptions,
  { step, result }: Extract<JournalEvent, { type: "step-end" }>,
): void {
  const text = escapeText(result.text);
  const shown = screen.isTerminal
    ? fold(`SYSTEM: ${text}`, textColumns(screen), whereToSee(run, step))
    : `SYSTEM: ${excerpt(text)}`;
  const marked = result.ok
    ? shown
    : shown.replace(/(?<=^SYSTEM: (?:Command [^\n]* returned:\s)?)Error:/, (word) => palette("red", word));
  screen.print(marked.replace(/^SYSTEM:/, (word) => palette("cyan", word)));
}

type End = Extract<JournalEvent, { type: "run-end" }>;

function showEnd(screen: Screen, { palette, journal }: ConsoleOptions, end: End): void {
  // Where nothing was done, there is nothing to say of the goals.
  const goals = end.steps === 0 && end.goals.every(({ verdict }) => verdict === "open") ? [] : end.goals;
  for (const { goal, guard, verdict, evidence } of goals) {
    const line = `${guard ? "GUARD" : "GOAL"}: ${escapeText(goal)}: ${verdict}${evidence === null ? "" : ` (${escapeText(evidence)})`}`;
    screen.print(palette(verdict !== "failed" && verdict !== "open" ? "green" : "yellow", line));
  }
  const { usage } = end;
  const used = [
    counted(end.steps, "step"),
    counted(usage.requests, "request"),
    `${counted(tokensOf(usage), "token")}${cached(end)}`,
    `${costText(usage)}${usage.estimated ? " (part of it estimated)" : ""}`,
    `${seconds(end.durationMs)} s`,
  ];
  screen.print(`${palette("cyan", "SYSTEM:")} ${endSentence(end.reason)} ${used.join(", ")}.`);
  if (journal !== null) screen.print(`Journal: ${escapeControls(journal, { newlines: "escape" })}`);
}

/** How much of what was sent the server had kept. */
const cached = ({ usage: { promptTokens, cachedTokens } }: End): string =>
  cachedTokens > 0
    ? ` (${Math.round((100 * cachedTokens) / promptTokens)} % of what was sent from the server's cache)`
    : "";

const seconds = (ms: number): string => (ms / 1000).toFixed(1);
const excerpt = (text: string): string =>
  text.length <= shownCharacters
    ? text
    : `${text.slice(0, shownCharacters)}\n[${text.length - shownCharacters} more characters are in the journal]`;
