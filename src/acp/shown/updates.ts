import { escapeText } from "../../base/escape.js";
import { firstCharacters } from "../../base/text.js";
import { broughtAlong, hookTexts } from "../../console/text/guidance.js";
import { limitNearText, remedyText } from "../../console/text/words.js";
import type { CommandCall, Thoughts } from "../../history/event-parts.js";
import type { JournalEvent } from "../../history/events.js";
import { goalOf } from "../../history/goals.js";
import type { ToolCallContent } from "@agentclientprotocol/sdk";
import { endText } from "./end-text.js";
import { textContent, type Update } from "../protocol.js";
import { asShown } from "./as-shown.js";
import type { LiveThoughts } from "./live-thoughts.js";
import { asContent, kindOf, locationsOf, titleOf } from "./tool-call.js";

type EventOf<Type extends JournalEvent["type"]> = Extract<JournalEvent, { type: Type }>;

/** Says what happens in a run as an editor is told of it. */
export interface Updates {
  /** What an event says; `diffs` are what the command of a step has changed in files. */
  of(event: JournalEvent, diffs?: readonly ToolCallContent[]): Update[];
  /** A command that is to be asked about, where nothing was said of it yet. */
  call(step: number, call: CommandCall): Update[];
  /** What a command of a step is known by. */
  idOf(step: number): string;
}

/**
 * What is about to be shown: `told` also what the person said, which an editor that was there has shown already. `live` has told of a
 * reply's thoughts what had come of it.
 */
export type UpdatesOptions = { run: string; workspace: string; told: boolean; live?: LiveThoughts };

export function createUpdates({ run, workspace, told, live }: UpdatesOptions, announced: Set<string>): Updates {
  let plan: readonly string[] = [];
  const idOf = (step: number): string => `${run}:${step}`;
  const shown = (
    step: number,
    given: CommandCall,
    more: { effect?: string | undefined; status: "pending" | "in_progress" },
  ): Update[] => {
    const toolCallId = idOf(step);
    const isNew = !announced.has(toolCallId);
    announced.add(toolCallId);
    const about = {
      ...{ toolCallId, title: titleOf(given), kind: kindOf(given, more.effect), status: more.status },
      ...{ locations: locationsOf(given, workspace), rawInput: given.args },
    };
    return [isNew ? { sessionUpdate: "tool_call", ...about } : { sessionUpdate: "tool_call_update", ...about }];
  };
  const call: Updates["call"] = (step, given) =>
    announced.has(idOf(step)) ? [] : shown(step, given, { status: "pending" });
  const planUpdate = (status: "now" | "completed"): Update[] => (plan.length === 0 ? [] : [planOf(plan, status)]);
  return {
    idOf,
    call,
    of(event, diffs = []) {
      switch (event.type) {
        case "reply-parsed":
          plan = planLines(event.thoughts.plan);
          return [
            ...(live?.finish(event.thoughts) ?? thoughtsOf(event)),
            ...unusable(event),
            ...planUpdate("now"),
            ...message(event.thoughts.speak),
            ...(event.command === null ? [] : shown(event.step, event.command, { status: "pending" })),
          ];
        case "command-start":
          return shown(event.step, event.command, { effect: event.effect, status: "in_progress" });
        case "step-end":
          return [...settled(event, idOf(event.step), diffs), ...(told ? feedbackOf(event) : [])];
        case "run-end":
          return [...(event.exitCode === 0 ? planUpdate("completed") : []), ...message(endText(event))];
        default:
          return otherwise(event, told);
      }
    },
  };
}

const chunk = (sessionUpdate: "agent_message_chunk" | "agent_thought_chunk" | "user_message_chunk") => {
  // Two that come one after the other are shown as one text.
  return (text: string): Update[] =>
    text.trim() === ""
      ? []
      : [{ sessionUpdate, content: textContent(`${asShown(text.trim(), { isPiece: false })}\n\n`) }];
};

/** Something that is said to the person. */
export const message = chunk("agent_message_chunk");
const thought = chunk("agent_thought_chunk");
const userChunk = chunk("user_message_chunk");

function thoughtsOf({ thoughts }: EventOf<"reply-parsed">): Update[] {
  const { text, reasoning, criticism }: Thoughts = thoughts;
  return [text, reasoning, criticism].flatMap(thought);
}

const unusable = ({ problem }: EventOf<"reply-parsed">): Update[] =>
  problem === null ? [] : thought(`This reply cannot be used: ${problem}`);

const mostEntries = 30;
const longestEntry = 300;

/** The lines of a plan as models write it, without what marks them as lines. */
const planLines = (plan: string): string[] =>
  plan
    .split("\n")
    .map((line) => firstCharacters(escapeText(line.replace(/^\s*(?:[-*•]|\d+[.)])\s*/, "").trim()), longestEntry))
    .filter((line) => line !== "")
    .slice(0, mostEntries);

/** The first line is what the model is at; which ones are done it does not say. */
const planOf = (lines: readonly string[], status: "now" | "completed"): Update => ({
  sessionUpdate: "plan",
  entries: lines.map((content, index) => ({
    content,
    priority: "medium",
    status: status === "completed" ? "completed" : index === 0 ? "in_progress" : "pending",
  })),
});

/** What events say that are no part of a step's reply and command. */
function otherwise(event: JournalEvent, told: boolean): Update[] {
  switch (event.type) {
    case "run-start":
      return [
        ...(told ? userChunk(event.goals.map((goal) => goalOf(goal).goal).join("\n")) : []),
        ...broughtAlong(event).flatMap(thought),
      ];
    case "run-resumed":
      return broughtAlong(event).flatMap(thought);
    case "hook-ran": {
      const { warnings, notes } = hookTexts(event);
      // A failure is said to the person, whatever else they look at.
      return [...warnings.flatMap(event.outcome === "failed" ? message : thought), ...notes.flatMap(thought)];
    }
    default:
      return thought(noteOf(event));
  }
}

function settled(
  { command, outcome, result }: EventOf<"step-end">,
  toolCallId: string,
  diffs: readonly ToolCallContent[],
): Update[] {
  if (command === null) return [];
  const status = outcome === "ran" && result.ok ? "completed" : "failed";
  const text = result.text.replace(/^Command \S+ returned: /, "");
  return [{ sessionUpdate: "tool_call_update", toolCallId, status, content: [...diffs, asContent(text)] }];
}

/** What the person said, in a step that says nothing else. */
const feedbackOf = ({ outcome, result }: EventOf<"step-end">): Update[] =>
  outcome === "feedback" ? userChunk(result.text.replace(/^Human feedback: /, "")) : [];

/** What else a person who watches a run wants to know; "" for what they do not. */
function noteOf(event: JournalEvent): string {
  switch (event.type) {
    case "limit-near":
      return limitNearText(event);
    case "circle-found":
      return `The run walks in a circle: ${event.text}. ${remedyText(event.rung)}`;
    case "effect-stopped":
      return `${event.command} was held back (${event.instead}): ${event.reason}.`;
    case "model-retry":
      return `The model's server failed (${event.problem}); it is asked again in ${Math.ceil(event.waitMs / 1000)} s.`;
    default:
      return "";
  }
}
