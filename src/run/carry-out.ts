import { commandLine } from "../base/process/command-line.js";
import { runToEnd } from "../agent/run-to-end.js";
import { longestTimer } from "../base/abort.js";
import { createMask } from "../base/mask.js";
import { startStopwatch } from "../base/stopwatch.js";
import { createAgent } from "../compose/agent.js";
import { messageOf, RunError } from "../errors.js";
import { equipNew, equipResumed, type Owner } from "../extensions/equip.js";
import type { Check } from "../goals/check.js";
import type { RunEnd, RunStart } from "../history/events.js";
import { runNamed } from "../history/listing/find-run.js";
import { noteHome } from "../history/listing/known-homes.js";
import { journalFile } from "../history/run-log.js";
import { whileLocked, whileNewLocked, type Lease } from "../history/lock/run-lock.js";
import type { Replica } from "../history/lock/replica.js";
import { createRunDirectory, removeAbandonedRuns, runDirectory } from "../history/runs.js";
import { forkRun, type Forking } from "./fork/fork-run.js";
import type { WrittenServers } from "../mcp/config.js";
import type { AiSettingsFile } from "../settings/ai/ai-settings.js";
import type { LoadedSettings } from "../settings/load.js";
import { recording } from "./replay/recording.js";
import { requireKey } from "../settings/require-key.js";
import { newestToResume } from "./choose-run.js";
import { leaveRun } from "./end/leave-run.js";
import { pruneKept, refuseUndone } from "./kept-files.js";
import type { ChangesHost } from "./changes/take-changes.js";
import { createObservers } from "./observers.js";
import { openGuidance } from "./trust/open-guidance.js";
import { hooksChanged, hooksNow, openRunHooks } from "./trust/open-hooks.js";
import { openRunServers } from "./trust/open-servers.js";
import { requireFolderTrust, requireStateTrust } from "./trust/trust-folder.js";
import { planNew, planResumed, readRecordedRun, resumedWorkspace, type Plan } from "./plan.js";
import type { ChosenAi } from "./ai/choose-ai.js";
import { beginningOf } from "./beginning.js";
import type { FrontEnd, PlannedRun } from "./front-end.js";

/** Whoever starts a run, with commands and checks of its own (`added`) and a word on extensions (`trust`). */
export type Host = Owner &
  ChangesHost &
  Pick<Forking, "putBack"> & {
    version: string;
    /** The session of an editor that a new run belongs to. */
    session?: NonNullable<RunStart["session"]>;
    /** Where a copy of the run's journal is kept, if anywhere. */
    replica?: Replica | undefined;
    /** MCP servers besides those of the settings, as those are written. */
    givenServers?: WrittenServers;
    /** The folder that the run is started in: .env and azure.yaml lie there. */
    cwd: string;
    /** Ends the run when it is aborted, with a RunError as its reason. */
    signal: AbortSignal;
    stop(reason: RunError): void;
    /** Is aborted where what the run waits for can never come, not even after `signal`: its end is written all the same. */
    abandoned?: AbortSignal;
    /** Says something that is no event to the person; no secret is in it. */
    warn(text: string): void;
    /** Is told of a fault of this program, before only its message is left. */
    onFault?(thrown: unknown): void;
    /** The settings file that says who the AI of a new run is; null where there is none, or it is not needed. */
    openAi(): Promise<AiSettingsFile | null>;
    /** Who that is. Its goals may have these checks. */
    chooseAi(file: AiSettingsFile | null, checks: readonly Check[]): Promise<ChosenAi>;
    open(run: PlannedRun): Promise<FrontEnd>;
    /** The list of folders in which runs are kept; the run's own is added to it. */
    homesFile: string;
    /** The run to resume where none is named; without this, the newest that can be. */
    chooseRun?(home: string): Promise<string>;
    /** Before a new run: the name of an open one that is to go on in its place; null: none. */
    offerOpenRun?(home: string): Promise<string | null>;
    /** Another agent has asked for it, which its folder tells. */
    byAgent?: boolean;
    /** Folders of the user's with skills for all projects. */
    userSkills: readonly string[];
  };

/** How a run ended; `again`: it had completed before, and nothing was done. */
export type Carried = { end: RunEnd; again: boolean };

/**
 * Carries out a new run, or goes on with an earlier one where the settings say so, and writes nothing but its files.
 * Resolves to its end, whatever it was; throws RunError, SettingsError for one, where it cannot begin.
 */
export async function carryOut(host: Host, loaded: LoadedSettings): Promise<Carried> {
  const opened: Opened = [];
  try {
    return await begin(host, loaded, opened);
  } finally {
    await Promise.all(opened.map((close) => close()));
  }
}

/** What a run has started besides its parts, to be ended with it. */
type Opened = (() => Promise<void>)[];

async function begin(host: Host, loaded: LoadedSettings, opened: Opened): Promise<Carried> {
  const { home, aiSettingsFile, workspaceDirectory, fork } = loaded.settings;
  await requireStateTrust(home, host.trust, loaded.settings.trustFolder);
  const forked = fork === undefined ? undefined : await forkRun(host, loaded, fork);
  const resume = forked ?? loaded.settings.resume ?? (await host.offerOpenRun?.(home)) ?? undefined;
  if (resume === undefined) {
    requireKey(loaded.settings, loaded.sources);
    await requireFolderTrust(workspaceDirectory, host.trust, loaded.settings.trustFolder);
    const file = await host.openAi();
    const naming = { file: aiSettingsFile, extensions: file?.extensions ?? [] };
    const own = await equipNew(host, naming, workspaceDirectory);
    const chosen = await host.chooseAi(file, own.checks);
    for (const note of chosen.notes ?? []) host.warn(note);
    const named = { file: aiSettingsFile, servers: null, tools: null, ...file?.mcp };
    const seen = { workspace: workspaceDirectory, protect: chosen.protect };
    const { equipment, known: some } = await openRunServers(own, named, { loaded, host, opened, ...seen });
    const about = { host, file: aiSettingsFile, workspace: workspaceDirectory };
    const { hooks, known } = await openRunHooks(file?.hooks ?? [], { loaded: some, ...about });
    const guidance = { ...(await openGuidance({ loaded: known, ...about })), hooks };
    const plan = await planNew(known, chosen, equipment, guidance, host.replica?.run);
    await removeAbandonedRuns(home);
    await pruneKept(plan.settings);
    createRunDirectory(home, plan.run, host.byAgent);
    await noteHome(host.homesFile, home);
    return whileNewLocked(home, plan.run, async (lease, requireHold) => ({
      end: await follow(host, known, plan, { lease, requireHold }),
      again: false,
    }));
  }
  const name = resume === true ? await (host.chooseRun ?? newestToResume)(home) : await runNamed(home, resume);
  return whileLocked(home, name, (lease) => goOn(host, loaded, { name, lease, opened }));
}

/** Goes on with an earlier run; one that has completed is left alone, unless it is to be judged by something else from now on. */
async function goOn(
  host: Host,
  loaded: LoadedSettings,
  { name, lease, opened }: { name: string; lease: Lease; opened: Opened },
): Promise<Carried> {
  const { home, aiSettingsFile } = loaded.settings;
  const resumed = await readRecordedRun(home, name);
  const { recorded } = resumed;
  // What was undone is not reached any more, whatever the run ended with.
  await refuseUndone(home, name, recorded.steps.length);
  if (!resumed.completed) requireKey(loaded.settings, loaded.sources);
  const before = { run: name, extensions: recorded.start.extensions ?? [] };
  const workspace = resumedWorkspace(loaded, recorded);
  const own = await equipResumed(host, before, workspace).catch((thrown: unknown) => {
    if (resumed.completed) return null;
    throw thrown;
  });
  // A run of which a copy is kept may be elsewhere by now than where it began.
  const file = host.replica ? aiSettingsFile : (recorded.start.settingsFile ?? aiSettingsFile);
  const guidance = await openGuidance({ loaded, host, file, workspace });
  const { takeChanges } = await import("./changes/take-changes.js");
  const taken = own && (await takeChanges(host, loaded, recorded, { ...own, ...guidance }));
  if (own === null || taken === null || (resumed.completed && !taken.isJudgedAnew))
    return { end: resumed.completed as RunEnd, again: true };
  const { loaded: used } = taken;
  const { hooks, known: some } = await openRunHooks(await hooksNow(file), { loaded: used, host, file, workspace });
  const changes = { ...taken.changes, ...hooksChanged(host, recorded, hooks) };
  requireKey(used.settings, used.sources);
  const { serversNow } = await import("../mcp/named-servers.js");
  const seen = { workspace, protect: changes.protect ?? recorded.start.protect ?? [] };
  const servers = await serversNow(file);
  const { equipment, known } = await openRunServers(own, servers, { loaded: some, host, opened, ...seen });
  const plan = await planResumed(known, resumed, equipment, { ...guidance, hooks }, changes);
  return { end: await follow(host, known, plan, { lease, requireHold: async () => undefined }), again: false };
}

type Held = { lease: Lease; requireHold(): Promise<void> };

async function follow(host: Host, loaded: LoadedSettings, plan: Plan, { lease, requireHold }: Held): Promise<RunEnd> {
  const { settings, resumed } = plan;
  const { cwd, signal } = host;
  const { secrets, sources } = loaded;
  const mask = createMask(secrets);
  const warn = (text: string): void => host.warn(mask(text));
  const journal = journalFile(runDirectory(settings.home, plan.run));
  const { listeners, reported, ...front } = await host.open({ plan, mask, journal });
  const earlierMs = resumed?.recorded.durationMs ?? 0;
  const elapsedMs = startStopwatch(earlierMs);
  const timer = startTimer(plan, earlierMs, host);
  const observers = createObservers({ ...plan, sources, cwd, warn, signal });
  try {
    const composition = await createAgent({
      ...plan,
      ...front,
      ...{ cwd, secrets, signal, warn, elapsedMs, lease, replica: host.replica },
      taping: recording(plan, { ...host, ...front }),
      recorded: resumed?.recorded ?? null,
      listeners: [...listeners, ...observers.listeners, ...plan.listeners],
    });
    observers.begin(composition.models);
    await requireHold();
    const end = await runToEnd({
      agent: composition.agent,
      emit: composition.emit,
      judge: (completed) => observers.settle().then(() => composition.judge(completed)),
      requireProof: plan.requireProof,
      workspace: plan.workspaceDirectory,
      elapsedMs,
      beginning: beginningOf(plan, host, composition.models),
      checkAtStart: composition.checkAtStart,
      ...(host.onFault && { onFault: host.onFault }),
      ...(host.abandoned && { abandoned: host.abandoned }),
    });
    await composition.close();
    await leaveRun(plan, end, { mask, warn, reported });
    // The run has ended, and its journal says how: what cannot be closed changes nothing.
    await observers.close().catch((thrown: unknown) => warn(`WARNING: ${messageOf(thrown)}`));
    sayOverrun(plan, end, warn);
    return mask(end);
  } catch (thrown) {
    await observers.close();
    throw thrown;
  } finally {
    clearTimeout(timer);
  }
}

/** A server may report more than its answer was allowed; what it said is counted, and not passed over in silence. */
function sayOverrun({ limits }: Plan, { usage }: RunEnd, warn: Host["warn"]): void {
  if (limits.costUsd === null || usage.costUsd <= limits.costUsd) return;
  warn(
    `WARNING: the run cost $${usage.costUsd.toFixed(4)}, more than its limit of $${limits.costUsd}: ` +
      "the model's server reported more tokens than the request allowed.",
  );
}

function startTimer({ limits }: Plan, earlierMs: number, { stop }: Host): NodeJS.Timeout | undefined {
  if (limits.seconds === null) return undefined;
  const leftMs = limits.seconds * 1000 - earlierMs;
  const reason = new RunError(
    "limit-time",
    `The run has used up its ${limits.seconds} seconds. ${commandLine("--resume --max-time")} goes on with more.`,
  );
  const timer = setTimeout(() => stop(reason), Math.min(Math.max(leftMs, 0), longestTimer));
  return timer;
}
