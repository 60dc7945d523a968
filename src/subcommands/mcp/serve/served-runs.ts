import type { Mask } from "../../../base/mask.js";
import { commandLine } from "../../../base/process/command-line.js";
import { SettingsError } from "../../../errors.js";
import { readRunNamed } from "../../../history/read-run.js";
import { isCompleted } from "../../../history/resume.js";
import { lockHolderOf, runsDirectory } from "../../../history/runs.js";
import type { LoadedSettings } from "../../../settings/load.js";
import type { RunTable } from "./run-table.js";
import { giveAnswer, type AgentsAnswer } from "./served-answers.js";
import type { ServedBudget } from "./served-budget.js";
import { createStarter } from "./start-within.js";
import { limitsOfSettings, lowest, type Limits } from "./served-limits.js";
import { requireServed } from "./served-mark.js";
import { workspaceWithin } from "./served-workspace.js";

/** What other agents may do with runs of this folder. All of these throw SettingsError, which says what to do. */
export interface ServedRuns {
  /** Starts a run; its name. */
  begin(order: GoalOrder): Promise<string>;
  /** Goes on with one that has stopped. */
  resume(run: string): Promise<void>;
  /** Answers the very question that a run waits for, and goes on with it. */
  answer(run: string, question: string, answer: AgentsAnswer): Promise<void>;
}

export type GoalOrder = { goal: string; workspace: string | undefined; limits: Partial<Limits> };

export type ServedRunsOptions = {
  loaded: LoadedSettings;
  /** The folder that the server was started in. */
  cwd: string;
  /** The flags that the user gave the server and that hold for every run: for new ones, and for those that go on. */
  flags: { begin: readonly string[]; resume: readonly string[] };
  table: RunTable;
  budget: ServedBudget;
  mask: Mask;
};

/** Arguments of a program cannot be longer everywhere. */
export const longestGoal = 20_000;

export function createServedRuns({ loaded, cwd, flags, table, budget, mask }: ServedRunsOptions): ServedRuns {
  const { home, continuous, onApproval } = loaded.settings;
  const always = ["--output-format=stream-json", `--on-approval=${onApproval === "deny" ? "deny" : "park"}`];

  const startWithin = createStarter({ home, table, budget });

  /** Goes on with a run, once what is needed for that has been written. */
  const goOn = async (run: string, prepare: () => Promise<void>): Promise<void> => {
    const { limits, start, continuous: was, spent } = await readRunNamed(runsDirectory(home), run);
    if (was && !continuous)
      throw new SettingsError(
        `The run ${run} was begun in continuous mode, which this server is not in: its user can go on with it, with ${commandLine(`--resume ${run}`)}.`,
      );
    const lower = lowest(limits, await limitsOfSettings(loaded));
    const args = [`--resume=${run}`, ...always, ...flags.resume, `--workspace-directory=${start.workspace}`];
    await startWithin(lower, args, { run, prepare, costUsd: spent.costUsd });
  };

  return {
    async begin({ goal, workspace, limits }) {
      const text = goal.trim();
      if (text === "") throw new SettingsError("goal is empty: say in plain words what is to be done.");
      requireArgument(`${text}${workspace ?? ""}`);
      const where = workspace === undefined ? [] : [`--workspace-directory=${await workspaceWithin(cwd, workspace)}`];
      const lower = lowest(await limitsOfSettings(loaded), limits);
      return startWithin(lower, [`--ai-goal=${text}`, ...always, ...flags.begin, ...where], null);
    },
    async resume(run) {
      await requireIdle(home, run, table);
      const recorded = await readRunNamed(runsDirectory(home), run);
      if (isCompleted(recorded))
        throw new SettingsError(`The run ${run} has completed: there is nothing to go on with.`);
      if (recorded.parked !== null && recorded.parked.answer === null)
        throw new SettingsError(
          `The run ${run} waits for an answer: run_status shows what it asks, and answer_question answers.`,
        );
      await goOn(run, () => Promise.resolve());
    },
    async answer(run, question, answer) {
      await requireIdle(home, run, table);
      await giveAnswer({ home, run, question, mask, goOn: (give) => goOn(run, give) }, answer);
    },
  };
}

function requireArgument(text: string): void {
  if (text.includes("\0")) throw new SettingsError("goal and workspace must be texts without the character NUL.");
}

/** Throws SettingsError for a run that somebody works on, or that is none of those that may be looked at. */
async function requireIdle(home: string, run: string, table: RunTable): Promise<void> {
  await requireServed(home, run);
  if (table.has(run))
    throw new SettingsError(`The run ${run} is at work, and asks nothing. run_status can wait for it.`);
  const holder = lockHolderOf(home, run);
  if (holder !== null)
    throw new SettingsError(
      `Another process (${holder}) works on the run ${run}, which its user has started. Wait until that has ended: run_status shows it.`,
    );
}
