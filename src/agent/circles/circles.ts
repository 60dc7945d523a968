import type { Command } from "../../commands/command.js";
import { RunError } from "../../errors.js";
import type { Emit } from "../../history/emit.js";
import type { CircleFound, Step } from "../../history/events.js";
import { factsOf } from "./facts.js";
import { findCircle, longestCycle, needsDigest, stepsInWords, type Circle } from "./find.js";
import { observe, patienceWithOwn, type Observed } from "./observed.js";

/** What the next request is given so that the model leaves its circle. */
export type Guidance = {
  /** What is said to the model; null where it walks in no circle. */
  remark: string | null;
  /** Another model is asked, or the same one with more chance in its choice of words. */
  otherwise: boolean;
  /** The steps that are left out of the history. */
  leftOut: ReadonlySet<number>;
};

/** What watches that a run makes headway, without asking a model. */
export interface Circles {
  /**
   * Looks at the newest step, and journals a circle that it closes, unless that was done before. Throws RunError (`going-in-circles`) where
   * nothing that could be done about it has helped.
   */
  look(step: Step): Promise<void>;
  guidance(): Guidance;
}

export type CirclesOptions = {
  commands: ReadonlyMap<string, Command>;
  emit: Emit;
  /** A hash of everything in the workspace, which is the same whenever all of it is. */
  digest(): Promise<string>;
  /** Whether a program that the run started in the background is still at work. */
  isBusy(): boolean;
  /** What an earlier part of the run did, and what was said about it. */
  steps?: readonly Step[];
  found?: readonly CircleFound[];
};

/** What is done about a circle that goes on, one after the other; the last one ends the run. */
const rungs = ["say", "plan", "otherwise", "leave-out", "end"] as const;
type Rung = (typeof rungs)[number];

/** So many more steps of a circle after something was said about it show that this did not help. */
const moreOfTheSame = 2;
/** … where each step asks for something else, and only what comes of it is alike. */
const moreOfTheKind = 6;
/** … where nothing was asked for twice: one place after the other may be looked at, and nothing be found in any. */
const moreOfTheNew = 15;
/** So many other steps, and a circle is behind the run. */
const calmSteps = 10;
/** So many steps are looked back on: as much as the longest circle of them needs while it waits for a program of the run. */
const remembered = longestCycle * patienceWithOwn;

type Ladder = { at: number; circle: Circle; members: readonly Observed[]; again: number; calm: number };

/** Nothing was found in a run yet, or what its earlier part had come to. */
export function createCircles(options: CirclesOptions): Circles {
  const { commands, emit, digest, isBusy, steps = [], found = [] } = options;
  /** All steps that are looked back on, and those since anything was last said about them. */
  const all: Observed[] = [];
  let fresh: Observed[] = [];
  let ladder: Ladder | null = null;
  let leftOut: ReadonlySet<number> = new Set();
  const digests = new Map<number, string>();

  const observed = (step: Step, busy: boolean): Observed =>
    observe(step, commands.get(step.command?.name ?? "") ?? null, busy);
  const take = (one: Observed): void => {
    if (one.outcome === "feedback") [ladder, fresh] = [null, []];
    else add(fresh, one);
    add(all, one);
    if (ladder) ladder = follow(ladder, one);
  };
  const climb = (circle: Circle, at: number): void => {
    const members = all.filter(({ step }) => circle.steps.includes(step));
    ladder = { at, circle, members, again: 0, calm: 0 };
    fresh = [];
    if (rungs[at] === "leave-out") leftOut = new Set([...leftOut, ...circle.steps]);
  };
  // Before the first thing that was said, no more than what is looked back on counts.
  const since = (found[0]?.step ?? steps.length) - remembered;
  for (const step of steps.slice(Math.max(0, since - 1))) {
    take(observed(step, false));
    const said = found.find((one) => one.step === step.step);
    if (said) climb({ kind: said.kind, steps: [...said.steps], text: said.text }, said.rung - 1);
  }

  return {
    async look(step) {
      if (step.result.stop) return;
      // The last step of an earlier part, which may have been killed before it looked.
      if (all.at(-1)?.step === step.step) {
        if (found.some((one) => one.step === step.step)) return;
      } else take(observed(step, isBusy()));
      if (needsDigest(fresh)) digests.set(step.step, await digest());
      const circle = longer(ladder, all) ?? findCircle(fresh, digests);
      if (circle === null || (ladder !== null && fresh.length < moreOfTheNew && asksForNew(circle, fresh, all))) return;
      climb(circle, Math.min((ladder?.at ?? -1) + 1, rungs.length - 1));
      const rung = ladder?.at ?? 0;
      const { kind, steps: inIt, text } = circle;
      await emit({ type: "circle-found", step: step.step, kind, steps: inIt, text, rung: rung + 1 });
      if (rungs[rung] === "end") throw new RunError("going-in-circles", endOf(circle));
    },
    guidance: () => ({
      remark: ladder && ladder.calm === 0 ? remarkOf(rungs[ladder.at] as Rung, ladder.circle, all) : null,
      otherwise: ladder !== null && ladder.calm === 0 && ladder.at >= rungs.indexOf("otherwise"),
      leftOut,
    }),
  };
}

/** To copy over a thousand of them for each step would take longer than all else that is done here. */
function add(steps: Observed[], one: Observed): void {
  steps.push(one);
  if (steps.length > remembered) steps.shift();
}

/** Whether only what came of it makes it a circle, and no step since it was last spoken of asked for what had been asked for before. */
function asksForNew({ kind }: Circle, fresh: readonly Observed[], all: readonly Observed[]): boolean {
  if (kind !== "errors" && kind !== "same-plan") return false;
  const times = new Map<string, number>();
  for (const { act } of all) times.set(act, (times.get(act) ?? 0) + 1);
  return fresh.every(({ act }) => times.get(act) === 1);
}

/** The ladder after one more step: it is left behind once enough other steps were made. */
function follow(ladder: Ladder, one: Observed): Ladder | null {
  if (belongs(ladder, one)) return { ...ladder, again: ladder.again + 1, calm: 0, members: [...ladder.members, one] };
  return ladder.calm + 1 >= calmSteps ? null : { ...ladder, calm: ladder.calm + 1, again: 0 };
}

function belongs({ circle, members }: Ladder, one: Observed): boolean {
  switch (circle.kind) {
    case "unavailable":
      return one.outcome === "not-runnable";
    case "refused":
      return one.outcome === "refused";
    case "errors":
      return !one.ok && members.some(({ error }) => error === one.error);
    case "same-plan":
      return members.some((member) => member.name === one.name && member.said === one.said);
    default:
      return members.some((member) => member.act === one.act && member.said === one.said && member.ok === one.ok);
  }
}

/** The circle that goes on although something was done about it; null where it does not, or not for long enough. */
function longer(ladder: Ladder | null, all: readonly Observed[]): Circle | null {
  if (ladder === null) return null;
  const { circle, members, again, at } = ladder;
  const [before, newest] = all.slice(-2);
  // A new plan was asked for, and this is the old one.
  const isSamePlan = rungs[at] === "plan" && newest?.plan !== "" && newest?.plan === before?.plan;
  const isKind = circle.kind === "errors" || circle.kind === "refused";
  if (again < (isSamePlan ? 1 : isKind ? moreOfTheKind : moreOfTheSame)) return null;
  const more = stepsInWords(members.slice(-again));
  return {
    ...circle,
    steps: members.map(({ step }) => step),
    text: `${firstSentence(circle.text)} It went on in ${more}.`,
  };
}

/** What was said of a circle before anybody said that it went on. */
const firstSentence = (text: string): string => text.replace(/ It went on in steps? [\d, andto]+\.$/, "");

function remarkOf(rung: Rung, { text }: Circle, all: readonly Observed[]): string {
  const repeats = `You are repeating yourself. ${text}`;
  switch (rung) {
    case "say":
      return `${repeats} Doing the same again will give the same result: do something else.`;
    case "plan":
    case "otherwise":
      return `${repeats} Your plan does not lead anywhere. Make a new one out of these facts, and begin with a step that you have not tried:\n${factsOf(all)}`;
    case "leave-out":
    case "end":
      return `${repeats} These steps are no longer shown to you. Do not begin them anew: choose another way, or, if there is none, say what is missing and use task_complete.`;
  }
}

const endOf = ({ text, steps }: Circle): string =>
  `The run went in circles, and nothing that the program did about it helped. ${text} It was told so, asked for a new plan, ` +
  `asked in another way, and shown its history without the ${steps.length} steps of the circle.`;
