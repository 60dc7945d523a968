import { join } from "node:path";
import { createMayRepeat } from "../agent/acting/may-repeat.js";
import { refuseStrangeRules } from "../agent/approval-rules.js";
import { watchLimits } from "../agent/limits/watch.js";
import { createWrapUp, type WrapUp } from "../agent/limits/wrap-up.js";
import type { Agent } from "../agent/run-agent.js";
import type { StepStops } from "../agent/step-stops.js";
import { createThink, type KeepsWindow } from "../agent/think.js";
import type { SetTimer } from "../base/abort.js";
import { createMask, type Mask, type StreamMask } from "../base/mask.js";
import type { Command } from "../commands/command.js";
import type { Skills } from "../commands/skills.js";
import { availableCommands, commandMap } from "../commands/index.js";
import { messageForPerson } from "../errors.js";
import { refuseUnrunnable } from "../goals/prepare.js";
import { createEmitter, type Emit } from "../history/emit.js";
import { limitReached, originsOf } from "../history/read-run.js";
import { openRunLog } from "../history/run-log.js";
import { openAnswers } from "../history/questions/answers-file.js";
import { openMessages } from "../history/questions/messages.js";
import { runDirectory } from "../history/runs.js";
import type { Hooks } from "../hooks/hooks.js";
import { remembers } from "../memory/backends.js";
import type { GuardedMemory } from "../memory/memory.js";
import { guardMemory } from "../memory/wrappers.js";
import { replySchema } from "../prompt/reply-schema.js";
import { toolsOf } from "../prompt/tools.js";
import type { Snapshots } from "../snapshots/recorder.js";
import type { Taint } from "../taint/taint.js";
import type { Web } from "../web/web.js";
import type { Workspace } from "../workspace/workspace.js";
import { createRunApproval } from "./agent/approval.js";
import { checkpointsFrom } from "./agent/checkpoints.js";
import { createRunCircles, otherThan } from "./agent/circles.js";
import { commandContext } from "./agent/command-context.js";
import { createGivenAnswers } from "./agent/questions/given-answers.js";
import { described } from "./agent/described.js";
import { inspecting, presentableTo } from "./agent/presentable.js";
import { whatIsThere } from "./agent/needs.js";
import { openHooks } from "./agent/hooks.js";
import { openSkills } from "./agent/skills.js";
import { createRunSnapshots } from "./agent/snapshots.js";
import { boundedContexts, createRunTaint, markingMemory } from "./agent/taint.js";
import { closeAll, type Opened } from "./close-all.js";
import { createCheckTools, followSteps } from "./checks/check-tools.js";
import { createCode, type Code, workspaceOf } from "./code.js";
import { createRunGoals, fixGoals, type RunGoals } from "./goals.js";
import { createMemory } from "./memory.js";
import { createModels, type Models } from "./models.js";
import { refuseSecrets } from "./refuse-secrets.js";
import { createRunWeb } from "./web.js";
import type { AgentRequest } from "./agent/request.js";
import { onTape, type OnTape } from "./tape/open-tape.js";
import { tapedAnswers, tapedCode, tapedMessages, tapedSkills, tapedWeb } from "./tape/taped.js";

export type Composition = RunGoals & { agent: Agent; emit: Emit; models: Models; close(): Promise<void> };

/**
 * Puts one agent together. The only place that names concrete parts. Throws SettingsError for what cannot work; nothing
 * stays open then.
 */
export async function createAgent(request: AgentRequest): Promise<Composition> {
  const opened: Opened = {};
  try {
    return await compose(request, opened);
  } catch (thrown) {
    await closeAll(opened, () => undefined);
    throw thrown;
  }
}

async function compose(given: AgentRequest, opened: Opened): Promise<Composition> {
  const { settings, ai, recorded } = given;
  refuseStrange(given);
  const directory = runDirectory(settings.home, given.run);
  const mask = maskOf(given);
  const { request, tape, stops, ...hearing } = onTape(given, directory, mask);
  opened.cassette = tape ?? undefined;
  refuseSecrets(ai, mask);
  const temporary = join(directory, "tmp");
  const fixedGoals = await fixGoals({ ...request, ...ai, temporary });
  const workspace = await workspaceOf(request.workspaceDirectory, fixedGoals.own, temporary);
  const taint = createRunTaint(request);
  const code = (opened.code = tapedCode(createCode(settings, workspace.root, fixedGoals.own, taint.isTainted), tape));
  await refuseUnrunnable(fixedGoals.goals, request.checks, code.problemWithChecks);
  const { window, checkpoints } = checkpointsFrom(recorded);
  const log = (opened.log = openRunLog(directory, { ...request, cutAt: recorded?.validBytes, checkpoints }));
  const steps = followSteps();
  const listeners = [...hearing.listeners, steps.listener, ...request.listeners];
  const emit = watchLimits({
    ...{ limits: request.limits, elapsedMs: request.elapsedMs, said: recorded?.limitsNear ?? [] },
    spent: recorded?.spent ?? null,
    emit: taint.watching(createEmitter({ ...request, ...log, nextSeq: (recorded?.lastSeq ?? 0) + 1, mask, listeners })),
  });
  const models = await createModels({
    ...{ ...request, spent: recorded?.spent ?? null, emit, tape },
    ...{ reserveShared: request.replica?.reserve, pace: request.replica },
  });
  const commands = availableCommands(request.commands, await whatIsThere(request, code, models));
  const web = (opened.web = tapedWeb(createRunWeb(settings), tape));
  const snapshots = (opened.snapshots = createRunSnapshots({ ...request, workspace, code }));
  const store = (opened.memory = await createMemory({
    settings,
    backend: request.memoryBackend,
    aiName: ai.aiName,
    chooseEmbedding: models.chooseEmbedding,
    mask,
    warn: request.warn,
    wipe: settings.wipeMemory || wipesRedis(request),
    tape,
  }));
  const memory = guardMemory(markingMemory(store, taint), request.warn);
  const tools = { ...{ workspace, code, web, snapshots, taint, window, tape }, skills: await skillsOf(request, tape) };
  const checkTools = createCheckTools(web, models, steps.step, { ...request, tape });
  const runGoals = createRunGoals({ ...request, ...fixedGoals, ...tools, emit, checkTools });
  const hooks = await openHooks(request, { emit, mask, tape });
  const parts: Parts = { ...tools, hooks, request, stops, mask, commands, emit, models, memory, goals: runGoals };
  const notClosed = (thrown: unknown): void =>
    request.warn(`WARNING: the run has ended, and something of it could not be closed: ${messageForPerson(thrown)}`);
  return { agent: assemble(parts), emit, models, ...runGoals, close: () => closeAll(opened, notClosed, request.heard) };
}

const skillsOf = async ({ skills }: AgentRequest, tape: OnTape["tape"]): Promise<Skills | null> =>
  tapedSkills(await openSkills(skills), tape);

/** Takes secrets out of whatever is kept or shown to the model. */
function maskOf({ secrets, taping }: AgentRequest): StreamMask {
  const mask = createMask(secrets);
  if (taping?.kind !== "replay") return mask;
  return Object.assign(<Value>(value: Value) => taping.named(mask(value)), { safeEnd: mask.safeEnd });
}

const refuseStrange = ({ approve, commands, serverNames }: AgentRequest): void =>
  refuseStrangeRules(
    approve,
    commands.map(({ name }) => name),
    serverNames,
  );

/** On start means of a run, not when one goes on. */
const wipesRedis = ({ settings, memoryBackend, recorded }: AgentRequest): boolean =>
  memoryBackend === "redis" && settings.wipeRedisOnStart && recorded === null;

type Parts = {
  request: AgentRequest;
  tape: OnTape["tape"];
  stops: StepStops;
  window: KeepsWindow;
  mask: Mask;
  workspace: Workspace;
  code: Code;
  commands: readonly Command[];
  emit: Emit;
  models: Models;
  memory: GuardedMemory;
  web: Web;
  snapshots: Snapshots;
  taint: Taint;
  skills: Skills | null;
  hooks: Hooks | null;
  goals: RunGoals;
};

function assemble(parts: Parts): Agent {
  const { request, tape, stops, mask, emit, models, memory } = parts;
  const { run, signal } = request;
  const commands = commandMap(parts.commands);
  const directory = runDirectory(request.settings.home, run);
  const context = commandContext({ ...parts, given: createGivenAnswers({ ...request, directory, emit }) });
  request.steering?.onReady(() => stops.stop());
  const messages = tapedMessages(openMessages(directory, request.recorded?.heard ?? new Set(), request.warn), tape);
  const circles = createRunCircles({ ...parts, recorded: request.recorded, commands });
  return {
    run,
    snapshots: parts.snapshots,
    hooks: parts.hooks,
    circles,
    commands,
    memory,
    signal,
    emit,
    limitSteps: request.limits.steps,
    approve: createRunApproval(request, {
      ...{ ...parts, commands, messages },
      answers: tapedAnswers(openAnswers(directory, request.warn), tape),
    }),
    mayRepeat: createMayRepeat(request.approve),
    messages,
    totals: models.totals,
    contextFor: boundedContexts(context, signal),
    stops,
    presentable: presentableTo(models.smart, mask),
    think: createThink({
      ...models.smart,
      ...described(request, models, commands),
      standing: parts.goals.standing,
      ...{ ledgerTokens: request.settings.ledgerTokens, memoryTokens: request.settings.memoryTokens },
      other: otherThan(models),
      guidance: circles.guidance,
      wrapUp: wrapUpOf(parts),
      replySchema: replySchema(commands.values()),
      offer: { mode: request.settings.nativeTools, tools: () => toolsOf(commands.values()) },
      ...{ onText: request.onText, onThinking: request.onThinking },
      ...{ memory, recalls: remembers(request.memoryBackend) },
      ...{ run, window: parts.window },
      earlier: originsOf(request.recorded),
      waiting: request.recorded?.waiting,
      ...(tape && { now: () => new Date(tape.reading("now", () => new Date().toISOString())) }),
      emit,
      ...inspecting(models.smart, memory, request.inspector),
    }),
  };
}

/** What sees to the last step before a limit; where time is limited, how long the model thinks decides when that is. */
function wrapUpOf({ request, tape, stops, models }: Parts): WrapUp {
  const { limits, elapsedMs, recorded } = request;
  // In a replay a step is cut where it was cut then.
  const timer: { timer?: SetTimer } = tape?.replays === true ? { timer: () => () => undefined } : {};
  const wrapUp = createWrapUp({
    ...timer,
    ...{ limits, elapsedMs, reserve: models.smart.reserve, cut: stops.cut },
    had: recorded && limitReached(recorded, limits),
  });
  if (tape === null || limits.seconds === null) return wrapUp;
  return { ...wrapUp, took: (milliseconds) => wrapUp.took(tape.reading("took", () => milliseconds)) };
}
