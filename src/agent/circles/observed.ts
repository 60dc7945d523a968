import { stableJson } from "../../base/json.js";
import type { Command, Effect } from "../../commands/command.js";
import { mayChangeAnything } from "../../commands/prepare.js";
import type { Step } from "../../history/events.js";
import { parseReply } from "../../reply/parse.js";
import { kindOfError, withoutVolatile } from "./same-kind.js";

/** A step as far as it matters for circles: what was asked for, what came of it, and what was thought. */
export type Observed = {
  step: number;
  /** The command with its arguments, or what was wrong with a reply that had none. */
  readonly act: string;
  /** The command's name; null where there was none. */
  name: string | null;
  effect: Effect | null;
  /** Its arguments alone. */
  readonly args: string;
  outcome: Step["outcome"];
  ok: boolean;
  /** What came of it, without what differs each time. */
  readonly said: string;
  /** What kind of error it is; "" where it is none. */
  readonly error: string;
  /** Whether a file of the workspace is not what it was before. */
  changed: boolean;
  /** It changed something, and its arguments do not tell what: programs do, and tools of servers. */
  changedUntold: boolean;
  /** The plan that the reply had, in one line; "" where it had none. */
  readonly plan: string;
  /** How often it may be repeated, where it waits for something: somebody else's work, or a program of the run; else null. */
  readonly patience: number | null;
};

const inProgress =
  /\b(?:running|pending|queued|waiting|processing|in[ -]progress|scheduled|starting|building|uploading|downloading|deploying|provisioning|not (?:yet )?(?:ready|finished|done|complete)|still|keep polling|try again later)\b|\d ?%/i;
const patienceWithOthers = 60;
export const patienceWithOwn = 150;
/** Where each look at a program of the run takes its time itself: some work for hours and say nothing new. */
const patienceWithSleep = 500;
const waitsByItself = /\b(?:sleep|wait|watch|tail -[fF]|timeout)\b/;
/** How a model says that it does nothing because it waits. */
const waitsInWords = /\b(?:wait(?:s|ing)?|poll(?:s|ing)?|until|not yet)\b/i;

/** The step, with what takes time to find out looked at only when it is asked for. `busy`: a program of the run is at work. */
export function observe(step: Step, known: Command | null, busy: boolean): Observed {
  const { command, result, outcome } = step;
  const effect = known?.effect ?? null;
  const changed = result.changed === true;
  const said = once(() => withoutVolatile(result.text));
  const thought = once(() => parseReply(step.text).thoughts);
  const thoughts = (): string => `${thought().text} ${thought().reasoning} ${thought().plan}`;
  const plan = once(() => thought().plan.replace(/\s+/g, " ").trim().toLowerCase());
  const args = once(() => (effect === "nothing" ? "" : stableJson(command?.args ?? {})));
  const act = once(() => (command === null ? `none ${said()}` : `${command.name} ${args()}`));
  const error = once(() => (result.ok ? "" : kindOfError(result.text)));
  return {
    step: step.step,
    name: command?.name ?? null,
    effect,
    outcome,
    ok: result.ok,
    changed,
    changedUntold: changed && known !== null && mayChangeAnything(known, command?.args ?? {}),
    get plan() {
      return plan();
    },
    get args() {
      return args();
    },
    get act() {
      return act();
    },
    get said() {
      return said();
    },
    get error() {
      return error();
    },
    get patience() {
      const sleeps = effect === "runs code" && waitsByItself.test(args());
      if (busy) return sleeps ? patienceWithSleep : patienceWithOwn;
      const waits =
        sleeps ||
        (result.ok && inProgress.test(result.text)) ||
        (effect === "nothing" && waitsInWords.test(thoughts()));
      return waits ? patienceWithOthers : null;
    },
  };
}

function once<Value>(find: () => Value): () => Value {
  let found: { value: Value } | undefined;
  return () => (found ??= { value: find() }).value;
}
