import { commandLine } from "../../base/process/command-line.js";
import { escapeText } from "../../base/escape.js";
import { firstCharacters } from "../../base/text.js";
import type { JournalEvent } from "../../history/events.js";
import { headings, type LiveThoughts } from "../live-thoughts.js";
import type { Palette } from "../palette.js";
import type { Screen } from "../screen.js";

type Replied = Extract<JournalEvent, { type: "model-replied" }>;
type Parsed = Extract<JournalEvent, { type: "reply-parsed" }>;

export type ReplyOptions = { aiName: string; palette: Palette; live?: LiveThoughts };

/** So much of a reply that cannot be used is shown. */
const shownLines = 4;
const shownCharacters = 400;

const advice = (): string =>
  `Not every model keeps to the form that is asked for: "${commandLine("doctor --model")}" tries this one, and SMART_LLM_MODEL names another.`;

/** Shows a reply's thoughts, a plan only where it is not the one before; and how a reply begins that cannot be used. */
export function createReplyNotes(
  screen: Screen,
  { aiName, palette, live }: ReplyOptions,
): { heard(event: Replied): void; read(event: Parsed): Promise<void> } {
  let text = "";
  let plan = "";
  let advised = false;

  const unusable = (problem: string): void => {
    screen.note(`${palette("red", "The reply could not be used:")} ${escapeText(problem)}`);
    const beginning = beginningOf(text);
    if (beginning !== "") screen.note(`It begins: ${escapeText(beginning)}`);
    if (!advised) screen.note(advice());
    advised = true;
  };
  return {
    heard(event) {
      if (event.purpose === "think") text = event.text ?? "";
    },
    async read({ thoughts, problem }) {
      const shown = live?.finish();
      const said: Said[] = [];
      for (const [name, heading] of headings(aiName)) {
        const thought = thoughts[name as keyof typeof thoughts];
        if (thought === "" || shown?.get(name) === thought) continue;
        if (name !== "plan")
          said.push({ typed: true, text: `${palette("yellow", escapeText(heading))} ${escapeText(thought)}` });
        else if (thought !== plan) said.push(...saidOfPlan(palette, thought));
      }
      // Where nothing is typed out letter by letter, all of it is written at once.
      if (said.length > 0 && !screen.isTerminal) screen.print(...said.map(({ text }) => text));
      else for (const { typed, text } of said) await (typed ? screen.type(text) : screen.print(text));
      plan = thoughts.plan || plan;
      live?.planIs(plan);
      if (problem !== null) unusable(problem);
    },
  };
}

function beginningOf(reply: string): string {
  const lines = reply.trim().split("\n");
  const first = firstCharacters(lines.slice(0, shownLines).join("\n"), shownCharacters);
  return first.length < reply.trim().length ? `${first} …` : first;
}

/** A text, and whether it is typed out on a terminal. */
type Said = { typed: boolean; text: string };

function saidOfPlan(palette: Palette, plan: string): Said[] {
  const items = escapeText(plan)
    .split("\n")
    .map((line) => line.replace(/^[\s-]+/, ""))
    .filter((item) => item !== "");
  return [
    { typed: false, text: palette("yellow", "PLAN:") },
    ...items.map((item) => ({ typed: true, text: `${palette("green", "- ")} ${item}` })),
  ];
}
