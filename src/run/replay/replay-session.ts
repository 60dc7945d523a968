import { writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { runToEnd } from "../../agent/run-to-end.js";
import { mapTexts } from "../../base/json.js";
import { createMask, type Mask } from "../../base/mask.js";
import { startStopwatch } from "../../base/stopwatch.js";
import { replayTape, type ReplayEnd, type ReplayTape } from "../../cassette/replay.js";
import type { RecordedSession } from "../../cassette/read-cassette.js";
import { createAgent } from "../../compose/agent.js";
import type { DescribedCommand } from "../../compose/tape/described-commands.js";
import { errorCodec } from "../../compose/tape/error-codec.js";
import { stopStep } from "../../compose/tape/open-tape.js";
import { stubbedChecks, stubbedCommands } from "../../compose/tape/stub-commands.js";
import type { Taping } from "../../compose/tape/taping.js";
import { messageOf, RunError, SettingsError } from "../../errors.js";
import type { JournalEvent, RunEnd } from "../../history/events.js";
import { journalFile } from "../../history/run-log.js";
import { runDirectory } from "../../history/runs.js";
import { isWithin } from "../../protection/guarded.js";
import { declaredSettings, type Settings } from "../../settings/schema.js";
import { beginningOf } from "../beginning.js";
import { readRecordedRun, type Plan } from "../plan.js";
import { applyChanges, workspaceIn, writeHome, type Copy, type Kept } from "./copy.js";
import type { KeptPlan } from "./recording.js";

export type SessionOptions = {
  run: string;
  version: string;
  session: RecordedSession;
  /** The lines of the journal up to where the session began. */
  journal: readonly string[];
  isWhole: boolean;
  copy: Copy;
  kept: Kept | null;
  secrets: readonly string[];
  /** The last step that is wanted; null: all. */
  until: number | null;
  signal: AbortSignal;
  warn(text: string): void;
};

/** What came of a session: how many requests were the same, and where it was ended, unless it came to its own end. */
export type SessionEnd = {
  same: number;
  end: ReplayEnd | { kind: "until" } | null;
  runEnd: RunEnd;
  /** The last step that came to its end; 0 where none did. */
  finished: number;
};

/** Runs a part of a run again, in the copy. Throws RunError where this build cannot begin it. */
export async function replaySession(options: SessionOptions): Promise<SessionEnd> {
  const { run, session, copy, journal, version, until, isWhole } = options;
  await writeHome(copy, run, session);
  await writeFile(journalFile(runDirectory(copy.home, run)), journal.map((line) => `${line}\n`).join(""));
  const plan = await planOf(options);
  const stopping = createStopping(options.signal);
  const elapsedMs = startStopwatch(plan.resumed?.recorded.durationMs ?? 0);
  const opened: { tape: ReplayTape | null } = { tape: null };
  let finished = plan.resumed?.recorded.steps.length ?? 0;
  const taping = tapingOf(options, stopping.end, (tape) => (opened.tape = tape));
  const composition = await begun(run, {
    ...plan,
    ...frontOf(session),
    cwd: inCopy(session.about, copy, String(session.about["cwd"])),
    ...{ secrets: options.secrets, signal: stopping.signal, warn: options.warn, elapsedMs, taping },
    lease: () => undefined,
    recorded: plan.resumed?.recorded ?? null,
    listeners: [
      async (event: JournalEvent) => {
        if (event.type === "context-built") await changeFromOutside(options, plan.settings, event.step);
        if (event.type !== "step-end") return;
        finished = event.step;
        if (event.step === until) stopping.end({ kind: "until" });
      },
    ],
  });
  const runEnd = await runToEnd({
    agent: composition.agent,
    emit: composition.emit,
    judge: composition.judge,
    requireProof: plan.requireProof,
    workspace: plan.workspaceDirectory,
    elapsedMs,
    beginning: beginningOf(plan, { version }, composition.models),
    checkAtStart: composition.checkAtStart,
  });
  await composition.close();
  const { tape } = opened;
  const left = tape?.left() ?? null;
  const missed = left !== null && stopping.ended() === null && isWhole;
  const { step = 0, path = "", body = {} } = left ?? {};
  const end = missed
    ? { kind: "differs" as const, difference: { kind: "one-request-less" as const, step, path, expected: body } }
    : stopping.ended();
  return { same: tape?.same() ?? 0, end, runEnd, finished };
}

/** Throws SettingsError where the record says something that this program cannot begin with: it may have been edited. */
const begun = (run: string, ...given: Parameters<typeof createAgent>): ReturnType<typeof createAgent> =>
  createAgent(...given).catch((thrown: unknown) => {
    if (thrown instanceof RunError) throw thrown;
    throw new SettingsError(
      `The run ${run} cannot be run again: this program cannot begin with what its record says of it (${messageOf(thrown)}). Take the record as it was written; if it is that, please report this.`,
      { cause: thrown },
    );
  });

/** Replaces a path in every text of a value. */
const namedAs =
  ({ from, to }: { from: string; to: string }): Mask =>
  (value) =>
    mapTexts(value, (text) => (text.includes(from) ? text.replaceAll(from, to) : text));

type Ended = NonNullable<SessionEnd["end"]>;

/** What ends a replay before its time. */
function createStopping(outer: AbortSignal) {
  const controller = new AbortController();
  let ended: Ended | null = null;
  return {
    signal: AbortSignal.any([outer, controller.signal]),
    ended: () => ended,
    end(end: Ended): Error {
      ended ??= end;
      const reason = new RunError("interrupted", "The replay goes no further.");
      controller.abort(reason);
      return reason;
    },
  };
}

const tapingOf = (
  { session, isWhole, secrets, kept, copy }: SessionOptions,
  end: (end: ReplayEnd) => Error,
  opened: (tape: ReplayTape) => void,
): Taping => ({
  kind: "replay",
  named: namedAs({ from: copy.workspace, to: String(session.about["root"]) }),
  open(stops, now) {
    const tape = replayTape({
      ...{ session, isWhole, now, end, mask: createMask(secrets), errors: errorCodec },
      stop: (by) => stopStep(stops, by),
    });
    opened(tape);
    return tape;
  },
  change: async (step, workspace) => (kept === null ? undefined : applyChanges(kept, workspace, { step, by: "run" })),
});

/** What somebody else changed in the workspace before a step, as far as the run has noticed. */
async function changeFromOutside({ kept, copy }: SessionOptions, settings: Settings, step: number): Promise<void> {
  if (kept?.history.changes.some((change) => change.by === "other" && change.step === step) !== true) return;
  await applyChanges(kept, await workspaceIn(copy, settings), { step, by: "other" });
}

const neverAsked = (): never => {
  throw new Error("Nobody is asked in a replay.");
};

function frontOf({ about }: RecordedSession) {
  return {
    ask: neverAsked,
    answerable: about["answerable"] === true,
    inspector: null,
    ...(about["canAskUser"] === true && { askUser: neverAsked }),
    ...(about["canSteer"] === true && { steering: { onReady: () => undefined, afterStop: neverAsked } }),
  };
}

/** A path of the original as it is in the copy, where it lies in the workspace. */
export function inCopy(
  { root, workspaceDirectory }: RecordedSession["about"],
  { workspace }: Pick<Copy, "workspace">,
  path: string,
): string {
  const above = [root, workspaceDirectory].find(
    (folder): folder is string => typeof folder === "string" && isWithin(folder, path),
  );
  return above === undefined ? path : join(workspace, relative(above, path));
}

/** A key that is set and is none. */
const noKey = "replayed-without-a-key";

/** Files of settings whose texts are on record, at the places of the copy. */
const keptFiles = ({ about }: Pick<RecordedSession, "about">, { home }: Copy) =>
  [
    { setting: "modelCatalog", text: about["catalog"], file: join(home, "catalog.yaml") },
    { setting: "azureConfigFile", text: about["azureFile"], file: join(home, "azure.yaml") },
  ].flatMap(({ text, ...one }) => (typeof text === "string" ? [{ ...one, text }] : []));

/** The settings that the run had, at the places of the copy. */
export function settingsOf({ about }: RecordedSession, copy: Copy): Settings {
  const given = about["settings"] as Record<string, unknown>;
  const keys = new Set(about["keys"] as string[]);
  const settings = Object.fromEntries(
    declaredSettings().map(([key, setting]) => [
      key,
      keys.has(key) ? noKey : key in given ? given[key] : setting.default,
    ]),
  );
  // Files of our own that lie in the workspace are out of a command's reach there, so they have to be in the copy.
  const own = Object.fromEntries(
    (["aiSettingsFile", "azureConfigFile"] as const).map((key) => [key, inCopy(about, copy, String(settings[key]))]),
  );
  return {
    ...settings,
    ...own,
    ...{ home: copy.home, workspaceDirectory: copy.workspace },
    ...Object.fromEntries(keptFiles({ about }, copy).map(({ setting, file }) => [setting, file])),
  } as Settings;
}

async function planOf({ run, session, copy }: SessionOptions): Promise<Plan> {
  const { about } = session;
  const settings = settingsOf(session, copy);
  for (const { file, text } of keptFiles(session, copy)) await writeFile(file, text);
  const kept = about as unknown as KeptPlan & { ai: Plan["ai"]; hooks: Omit<Plan["hooks"][number], "env">[] };
  return {
    ...kept,
    ...{ run, settings, workspaceDirectory: copy.workspace },
    hooks: kept.hooks.map((hook) => ({ ...hook, env: {} })),
    commands: stubbedCommands(about["commands"] as (string | DescribedCommand)[]),
    checks: stubbedChecks(about["checks"] as string[]),
    listeners: [],
    resumed: about["isResumed"] === true ? await readRecordedRun(copy.home, run) : null,
  };
}
