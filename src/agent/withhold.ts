import type { Step } from "../history/events.js";

/** The results that a model's content filter does not let through, and that are left out of what it is sent. */
export interface Withholding {
  /** Leaves out more: the newest result, then all there are, with what memory recalls. False where nothing is left. */
  more(steps: readonly Step[]): boolean;
  /**
   * The steps as the model is shown them, without those of these numbers: the same list as before, with what was added,
   * while nothing more is left out.
   */
  shown(steps: readonly Step[], without?: ReadonlySet<number>): readonly Step[];
  /** Whether all results were left out once: what memory recalls may be the same texts. */
  isAll(): boolean;
}

/**
 * Leaves out nothing at first. What was left out once stays so, as it would be refused again with every further step;
 * results that come later are shown.
 */
export function createWithholding(): Withholding {
  const withheld = new Map<Step, Step>();
  let all = false;
  let list: Step[] = [];
  /** How many steps the list was made of, and without which. */
  let seen = 0;
  let gone: ReadonlySet<number> = new Set();
  const anew = (): void => {
    list = [];
    seen = 0;
  };
  const leaveOut = (step: Step): void => {
    withheld.set(step, { ...step, result: { ...step.result, text: notice } });
  };
  return {
    more(steps) {
      const newest = steps.at(-1);
      if (newest === undefined) return false;
      anew();
      if (!withheld.has(newest)) leaveOut(newest);
      else if (all) return false;
      else {
        all = true;
        steps.forEach(leaveOut);
      }
      return true;
    },
    shown(steps, without = gone) {
      if (without.size !== gone.size) anew();
      gone = without;
      if (withheld.size + gone.size === 0) return steps;
      const added = steps.slice(seen).filter(({ step }) => !gone.has(step));
      list.push(...added.map((step) => withheld.get(step) ?? step));
      seen = steps.length;
      return list;
    },
    isAll: () => all,
  };
}

const notice = "[This result is left out: a content filter of the model's server refused the request that held it.]";
