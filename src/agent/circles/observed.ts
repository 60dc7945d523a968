import { crc32 } from "node:zlib";
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
  /** A checksum of what was asked for and said: where it differs, they do. */
  readonly sum: number;
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
export const observe = (step: Step, known: Command | null, busy: boolean): Observed =>
  new ObservedStep(step, known, busy);

// Over a thousand of these are looked at in each step, so what was found out is kept in fields.
class ObservedStep implements Observed {
  readonly step: number;
  readonly name: string | null;
  readonly effect: Effect | null;
  readonly outcome: Step["outcome"];
  readonly ok: boolean;
  readonly changed: boolean;
  readonly changedUntold: boolean;
  readonly #whole: Step;
  readonly #busy: boolean;
  #args: string | undefined;
  #act: string | undefined;
  #said: string | undefined;
  #sum: number | undefined;
  #error: string | undefined;
  #plan: string | undefined;
  #thoughts: Thoughts | undefined;
  #patience: number | null | undefined;

  constructor(whole: Step, known: Command | null, busy: boolean) {
    const { step, command, result, outcome } = whole;
    this.step = step;
    this.name = command?.name ?? null;
    this.effect = known?.effect ?? null;
    this.outcome = outcome;
    this.ok = result.ok;
    this.changed = result.changed === true;
    this.changedUntold = this.changed && known !== null && mayChangeAnything(known, command?.args ?? {});
    this.#whole = whole;
    this.#busy = busy;
  }

  get args(): string {
    return (this.#args ??= this.effect === "nothing" ? "" : stableJson(this.#whole.command?.args ?? {}));
  }

  get act(): string {
    return (this.#act ??= this.name === null ? `none ${this.said}` : `${this.name} ${this.args}`);
  }

  get said(): string {
    return (this.#said ??= withoutVolatile(this.#whole.result.text));
  }

  get sum(): number {
    return (this.#sum ??= crc32(this.said, crc32(this.act)));
  }

  get error(): string {
    return (this.#error ??= this.ok ? "" : kindOfError(this.#whole.result.text));
  }

  get plan(): string {
    return (this.#plan ??= this.#thought.plan.replace(/\s+/g, " ").trim().toLowerCase());
  }

  get patience(): number | null {
    if (this.#patience === undefined) this.#patience = this.#findPatience();
    return this.#patience;
  }

  get #thought(): Thoughts {
    return (this.#thoughts ??= parseReply(this.#whole.text).thoughts);
  }

  #findPatience(): number | null {
    const sleeps = this.effect === "runs code" && waitsByItself.test(this.args);
    if (this.#busy) return sleeps ? patienceWithSleep : patienceWithOwn;
    const { text, reasoning, plan } = this.effect === "nothing" ? this.#thought : noThoughts;
    const waits =
      sleeps ||
      (this.ok && inProgress.test(this.#whole.result.text)) ||
      waitsInWords.test(`${text} ${reasoning} ${plan}`);
    return waits ? patienceWithOthers : null;
  }
}

type Thoughts = ReturnType<typeof parseReply>["thoughts"];
const noThoughts = { text: "", reasoning: "", plan: "" };
