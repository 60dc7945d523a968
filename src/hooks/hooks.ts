import { isDeepStrictEqual } from "node:util";
import { onAbort, setTimer, type SetTimer } from "../base/abort.js";
import type { Mask } from "../base/mask.js";
import { monotonicMs } from "../base/stopwatch.js";
import { cleanText, firstCharacters } from "../base/text.js";
import { RunError } from "../errors.js";
import type { Emit } from "../history/emit.js";
import type { CommandCall, CommandResult } from "../history/event-parts.js";
import type { RunEnd } from "../history/events.js";
import type { HookMoment } from "../history/events/hooks.js";
import { readAnswer, type HookAnswer } from "./answers.js";
import type { Hook } from "./hook.js";
import { runHook, type HookOutput } from "./run-hook.js";

/** What hooks say of a command before it runs: nothing, other arguments, or why it may not. */
export type Looked =
  { kind: "passes" } | { kind: "changes"; args: CommandCall["args"] } | { kind: "refuses"; reason: string };

/** The user's programs that are run at moments of a run. */
export interface Hooks {
  /** Throws RunError where one that is required fails, and so do the other two that may. */
  begin(start: Started): Promise<void>;
  before(step: number, command: CommandCall, effect: string): Promise<Looked>;
  /** What the model is told besides the result; null for nothing. A failure that ends the run is thrown by `settle`. */
  after(step: number, command: CommandCall, result: CommandResult): Promise<string | null>;
  settle(): void;
  /** Resolves to the failure of one that is required; null where there was none. Never rejects. */
  end(end: RunEnd): Promise<string | null>;
}

/** The step that the run begins or goes on with. */
export type Started = { step: number; resumed: boolean };

export type HooksOptions = {
  hooks: readonly Hook[];
  run: string;
  workspace: string;
  /** What a hook is told of who works. */
  ai: { aiName: string; aiRole: string; goals: readonly string[]; continuous: boolean };
  emit: Emit;
  mask: Mask;
  /** Aborted when the run ends early. */
  signal: AbortSignal;
  /** Is told what is waited for. */
  heard?: ((what: string) => void) | undefined;
  /** The clock by which hooks of a stopped run are ended, the system's unless told. */
  timer?: SetTimer;
  /** Stands around each run of a hook. */
  over?: (hook: Hook, step: number, work: () => Promise<HookOutput>) => Promise<HookOutput>;
};

/** How long hooks may take at the end once the run was stopped, in milliseconds: whoever stopped it waits. */
const hurryMs = 10_000;
const longestNote = 4_000;
const longestResult = 100_000;

type Ran = { answer: HookAnswer; failure: RunError | null };

/** Runs the user's hooks, in their order, and journals each run of one. What they are told and what they say has no secrets in it. */
export function createHooks(options: HooksOptions): Hooks {
  const { hooks, run, workspace, signal } = options;
  const runOne = createRunOne(options);
  let kept: RunError | null = null;
  const at = (event: HookMoment, command?: string): Hook[] => hooks.filter((hook) => isFor(hook, event, command));
  return {
    async begin({ step, resumed }) {
      for (const hook of at("run-start")) {
        const { failure } = await runOne(hook, step, { run, step, resumed, workspace, ...options.ai }, signal);
        if (failure) throw failure;
      }
    },
    async before(step, { name, args: given }, effect) {
      let args = given;
      for (const hook of at("before-command", name)) {
        const about = { run, step, workspace, command: { name, args }, effect };
        const { answer, failure } = await runOne(hook, step, about, signal, { args });
        if (failure) throw failure;
        if (answer.refuse !== undefined) return { kind: "refuses", reason: answer.refuse };
        args = answer.args ?? args;
      }
      return isDeepStrictEqual(args, given) ? { kind: "passes" } : { kind: "changes", args };
    },
    async after(step, command, { ok, text }) {
      const notes: string[] = [];
      for (const hook of at("after-command", command.name)) {
        if (signal.aborted) break;
        const about = { run, step, workspace, command, result: { ok, text: firstCharacters(text, longestResult) } };
        // What has been done is told all the same where the run is stopped meanwhile.
        const { answer, failure } = await runOne(hook, step, about, signal).catch(nothingIfAborted(signal));
        kept ??= failure;
        if (answer.note !== undefined && answer.note !== "") notes.push(answer.note);
      }
      return notes.length === 0 ? null : notes.join("\n");
    },
    settle() {
      const failure = kept;
      kept = null;
      if (failure) throw failure;
    },
    end: (end) => endAll(at("run-end"), runOne, options, end),
  };
}

/** Runs the hooks of a run's end, also where the run was stopped: they are hurried then. */
async function endAll(
  hooks: readonly Hook[],
  runOne: RunOne,
  { run, workspace, signal, timer }: HooksOptions,
  end: RunEnd,
): Promise<string | null> {
  let problem: string | null = null;
  const hurry = hurriedBy(signal, timer);
  for (const hook of hooks) {
    const more = { until: hurry.signal };
    const { failure } = await runOne(hook, end.steps, { run, workspace, end }, null, more).catch(() => nothing);
    problem ??= failure?.message ?? null;
  }
  hurry.release();
  return problem;
}

/** A signal that is aborted some time after another one. */
function hurriedBy(signal: AbortSignal, timer: SetTimer = setTimer): { signal: AbortSignal; release(): void } {
  const hurry = new AbortController();
  let clear = (): void => undefined;
  const stopListening = onAbort(signal, () => void (clear = timer(() => hurry.abort(), hurryMs)));
  return {
    signal: hurry.signal,
    release() {
      stopListening();
      clear();
    },
  };
}

const isFor = ({ event, commands }: Hook, moment: HookMoment, command: string | undefined): boolean =>
  event === moment && (command === undefined || (commands?.includes(command) ?? true));

const nothing: Ran = { answer: {}, failure: null };

const nothingIfAborted =
  (signal: AbortSignal) =>
  (thrown: unknown): Ran => {
    if (signal.aborted) return nothing;
    throw thrown;
  };

const never = new AbortController().signal;

type RunOne = (
  hook: Hook,
  step: number,
  about: object,
  /** Ends it, and is thrown then. */
  signal: AbortSignal | null,
  /** `args`: what it may change. `until`: ends it, as a failure of its own. */
  more?: { args?: CommandCall["args"]; until?: AbortSignal },
) => Promise<Ran>;

function createRunOne({ emit, mask, heard, over = (_hook, _step, work) => work() }: HooksOptions): RunOne {
  return async (hook, step, about, signal, { args, until = never } = {}) => {
    const { event, line } = hook;
    signal?.throwIfAborted();
    heard?.(`the hook ${line}`);
    const startedAt = monotonicMs();
    const input = JSON.stringify(mask({ event, ...about }));
    const output = await over(hook, step, () => runHook(hook, input, signal ?? until));
    signal?.throwIfAborted();
    const read = output.ok ? readAnswer(event, output.text) : output.problem;
    const told = {
      type: "hook-ran",
      step,
      event,
      program: line,
      ms: monotonicMs() - startedAt,
    } as const;
    if (typeof read === "string") {
      const problem = mask(read);
      await emit({ ...told, outcome: "failed", problem });
      const isFatal = hook.required || (!output.ok && output.isOther === true);
      return { answer: {}, failure: isFatal ? failureOf(hook, problem) : null };
    }
    const answer = cleaned(mask(read));
    // What it was shown has no secrets in it, and giving that back changes nothing.
    if (args && isDeepStrictEqual(answer.args, mask(args))) delete answer.args;
    const { refuse, args: wanted, note } = answer;
    const isChange = wanted !== undefined;
    await emit({
      ...told,
      outcome: refuse !== undefined ? "refused" : isChange ? "changed" : "passed",
      ...(refuse !== undefined ? { reason: refuse } : isChange && { args: wanted }),
      ...(note !== undefined && note !== "" && { note }),
    });
    return { answer, failure: null };
  };
}

const cleaned = ({ refuse, note, ...rest }: HookAnswer): HookAnswer => ({
  ...rest,
  ...(refuse !== undefined && { refuse: firstCharacters(cleanText(refuse), longestNote) }),
  ...(note !== undefined && { note: firstCharacters(cleanText(note), longestNote) }),
});

const failureOf = ({ event, line, required, place }: Hook, problem: string): RunError =>
  new RunError(
    "settings",
    `The hook ${line} (${event}, ${place}) failed${required ? ", and it is required" : ""}: ${problem.replace(/\.$/, "")}.`,
  );
