import type { JournalEvent } from "../history/events.js";
import type { Listener } from "../history/emit.js";
import { escapeControls, escapeText } from "../base/escape.js";
import { firstCharacters } from "../base/text.js";
import { mostArgumentCharacters, nextAction } from "./approval/next-action.js";
import { limitNearText, remedyText } from "./text/words.js";
import { headings, type LiveThoughts } from "./live-thoughts.js";
import type { Palette } from "./palette.js";
import type { Screen } from "./screen.js";

/** The most of one result that is shown; the journal has all of it. */
const shownCharacters = 4_000;

export type ConsoleOptions = {
  aiName: string;
  /** Where the journal is, named in the last lines. */
  journal: string;
  palette: Palette;
  /** With a JSON format, records are printed in place of these lines, and only notes are wanted. */
  quiet: boolean;
  /** Thoughts that were shown while the reply came in, which are not shown again. */
  live?: LiveThoughts;
};

/** Shows a run in the original's words and order. */
export function consoleListener(screen: Screen, options: ConsoleOptions): Listener {
  const { palette, quiet } = options;
  let asked = 0;
  return async (event) => {
    if (event.type === "model-retry") {
      screen.note(
        palette(
          "yellow",
          `The model's server: ${escapeText(event.problem)}${counted(event)} Trying again in ${seconds(event.waitMs)} s.`,
        ),
      );
    }
    if (event.type === "limit-near") screen.note(palette("yellow", `WARNING: ${limitNearText(event)}`));
    if (event.type === "model-requested") screen.wait("Thinking...");
    else screen.rest();
    if (quiet) return;
    switch (event.type) {
      case "run-resumed":
        return screen.print(palette("green", `Going on with step ${event.step}.`));
      case "reply-parsed":
        return showThoughts(screen, options, event);
      case "command-asked":
        asked = event.step;
        // On a terminal a preview follows, which shows long arguments whole.
        return screen.print(
          nextAction(palette, event.command, event.effect, screen.live ? mostArgumentCharacters : undefined),
        );
      case "command-start":
        if (asked !== event.step) screen.print(nextAction(palette, event.command));
        return;
      case "step-end":
        if (event.command && (event.outcome === "refused" || event.outcome === "not-runnable"))
          screen.print(nextAction(palette, event.command, whyNot(event)));
        return screen.print(`${palette("cyan", "SYSTEM:")} ${excerpt(escapeText(event.result.text))}`);
      case "circle-found":
        return screen.note(
          palette(
            "yellow",
            `The AI is going in circles: ${escapeText(event.text)} ${remedyText(event.rung)}`.trimEnd(),
          ),
        );
      case "run-end":
        return showEnd(screen, options, event);
      default:
    }
  };
}

/** Why a command was not run, in a few words; what the model is told follows. */
function whyNot({ outcome, command, result }: Extract<JournalEvent, { type: "step-end" }>): string {
  const told = result.text.replace(`Command ${command?.name.trim()} returned: `, "").replace(/^Error: /, "");
  const [sentence = ""] = told.split(/(?<=[.?!])\s/);
  return `${outcome === "refused" ? "refused" : "cannot be run"}: ${firstCharacters(sentence, 200)}`;
}

/** What a failed attempt takes from the budget. */
const counted = ({ costUsd }: { costUsd: number }): string =>
  costUsd > 0 ? ` It may be billed, so it counts in full: $${costUsd.toFixed(4)}.` : "";

type Parsed = Extract<JournalEvent, { type: "reply-parsed" }>;

async function showThoughts(
  screen: Screen,
  { aiName, palette, live }: ConsoleOptions,
  { thoughts, problem }: Parsed,
): Promise<void> {
  const shown = live?.finish();
  for (const [name, heading] of headings(aiName)) {
    const text = thoughts[name as keyof typeof thoughts];
    if (text === "" || shown?.get(name) === text) continue;
    if (name === "plan") await showPlan(screen, palette, text);
    else await screen.type(`${palette("yellow", escapeText(heading))} ${escapeText(text)}`);
  }
  if (problem !== null) screen.note(palette("red", `The reply could not be used: ${escapeText(problem)}`));
}

async function showPlan(screen: Screen, palette: Palette, plan: string): Promise<void> {
  screen.print(palette("yellow", "PLAN:"));
  for (const line of escapeText(plan).split("\n")) {
    const item = line.replace(/^[\s-]+/, "");
    if (item !== "") await screen.type(`${palette("green", "- ")} ${item}`);
  }
}

type End = Extract<JournalEvent, { type: "run-end" }>;

function showEnd(screen: Screen, { palette, journal }: ConsoleOptions, end: End): void {
  for (const { goal, verdict, evidence } of end.goals) {
    const line = `GOAL: ${escapeText(goal)}: ${verdict}${evidence === null ? "" : ` (${escapeText(evidence)})`}`;
    screen.print(palette(verdict === "proven" || verdict === "claimed" ? "green" : "yellow", line));
  }
  const { usage } = end;
  const tokens = usage.promptTokens + usage.completionTokens + usage.embeddingTokens;
  screen.print(
    `${palette("cyan", "SYSTEM:")} The run ended: ${end.reason}. ${end.steps} steps, ${usage.requests} requests, ${tokens} tokens${cached(end)}, $${usage.costUsd.toFixed(4)}${usage.estimated ? " (part of it estimated)" : ""}, ${seconds(end.durationMs)} s.`,
  );
  screen.print(`Journal: ${escapeControls(journal, { newlines: "escape" })}`);
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
