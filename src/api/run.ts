import { dirname } from "node:path";
import { unbegunEnd } from "../agent/stop.js";
import { onAbort } from "../base/abort.js";
import { createMask, type Mask, type StreamMask } from "../base/mask.js";
import { messageOf, RunError, SettingsError } from "../errors.js";
import type { ExtensionCheck } from "../extensions/check.js";
import type { ExtensionCommand } from "../extensions/command.js";
import { nothingAdded, type Added } from "../extensions/equipment.js";
import type { Check } from "../goals/check.js";
import type { JournalEvent, RunEnd } from "../history/events.js";
import { tellRun } from "../history/questions/messages.js";
import { carryOut, type Host } from "../run/carry-out.js";
import type { FrontEnd, PlannedRun } from "../run/front-end.js";
import { keepRules } from "../run/keep-rules.js";
import type { ChosenAi } from "../run/ai/choose-ai.js";
import { openAiSettings, type AiSettingsFile } from "../settings/ai/ai-settings.js";
import { homesFile, trustFile, userSkillFolders } from "../settings/environment/trust-file.js";
import { settingsFromValues, type GivenSettings } from "../settings/given.js";
import { knownSecrets, loadSettings, requireFolder, type LoadedSettings } from "../settings/load.js";
import type { Settings } from "../settings/schema.js";
import { currentFolder } from "../base/process/own-program.js";
import { packageFacts } from "../version.js";
import { aiFrom, type Ai } from "./ai.js";
import { createAsk, type Ask } from "./ask.js";

export type RunOptions = {
  /** Who the AI is, or the path of an ai_settings.yaml; without it, the one that the settings name. A resumed run has its own. */
  ai?: Ai | string;
  /** Win over the environment and `.env`, as flags do. */
  settings?: GivenSettings;
  /** The only folder in which commands read and write; the same as `settings.workspaceDirectory`. */
  workspace?: string;
  /** Commands besides the built-in ones, and checks that goals may have besides them. */
  commands?: readonly ExtensionCommand[];
  checks?: readonly ExtensionCheck[];
  /** Goes on with an earlier run, by its name; true: with the newest that can be. */
  resume?: true | string;
  /** Hears every event once it is in the journal; the run waits for it. If it throws, the run ends with reason `fault`. */
  onEvent?(event: JournalEvent): void | Promise<void>;
  /** Hears the model's reply as it comes, piece by piece; null: it begins, or begins again. */
  onText?(piece: string | null): void;
  /** Hears what the model thinks before its reply, piece by piece, where its server sends that. Anew behind `onText(null)`. */
  onThinking?(piece: string): void;
  /** Hears warnings that are no events, such as a memory that failed. */
  onWarning?(text: string): void;
  /** Answers for the person. Without it, and without `settings.continuous`, the answer is "no", which ends the run. */
  ask?: Ask;
  /** Said to the AI before its next step, as `autogpt tell` says it. */
  tell?: string;
  /** Asks whether something of others may be used: a folder, extensions, MCP servers. Without it, what was not trusted before is refused. */
  askTrust?(lines: readonly string[], question: string): boolean | Promise<boolean>;
  /**
   * Aborts the run as Ctrl-C does: it ends its step and its journal, and can be resumed. Where the reason is a RunError, its reason is
   * that of the end.
   */
  signal?: AbortSignal;
  /** Where relative paths start and `.env` and azure.yaml lie; the process's current folder unless told. */
  cwd?: string;
  /** Takes the place of `process.env` and of `.env`: settings and keys are read from here alone. */
  env?: Readonly<Record<string, string | undefined>>;
};

/** What front ends of this program hand in besides. */
export type OwnOptions = {
  /** Settings that were read from the command line. */
  flags?: Partial<Settings>;
  /** In the place of the process's environment; files of settings count beside it. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** Given the mask of the run that is about to begin: what hears its replies while they come. */
  hearReply?: (mask: StreamMask) => Pick<RunOptions, "onText" | "onThinking">;
} & Pick<Host, "session" | "givenServers"> &
  Pick<FrontEnd, "askUser" | "toldAnswers">;

/**
 * Runs an agent and resolves to the end of the run, whatever it was: `reason` and `exitCode` say it. Rejects with
 * SettingsError, or another RunError, where the run cannot begin; then nothing has run. It writes to its folders alone,
 * listens to no signal of the process, and several runs may go on at the same time.
 */
export function run(options: RunOptions = {}): Promise<RunEnd> {
  return runWith(options, {});
}

/** The same, for front ends of this program. */
export async function runWith(options: RunOptions, own: OwnOptions): Promise<RunEnd> {
  const { cwd = requireFolder(currentFolder()), env = own.environment, resume } = options;
  const abort = abortableBy(options.signal);
  let secrets: readonly string[] | undefined;
  try {
    const loaded = await loadSettings({
      flags: { ...own.flags, ...settingsFromValues(valuesOf(options), resume) },
      cwd,
      ...(env !== undefined && { environment: env, envFile: options.env === undefined }),
    });
    secrets = loaded.secrets;
    return (await carryOut(await hostFor(options, own, { loaded, abort, cwd, env }), loaded)).end;
  } catch (thrown) {
    const reason: unknown = abort.signal.reason;
    if (reason instanceof RunError) return unbegunEnd(reason.reason, reason.message);
    throw masked(thrown, createMask(secrets ?? (await knownSecrets(cwd, env))));
  } finally {
    abort.release();
  }
}

type Surroundings = { loaded: LoadedSettings; abort: Abort; cwd: string; env: RunOptions["env"] };

const hostFor = async (
  options: RunOptions,
  { session, givenServers, ...own }: OwnOptions,
  { loaded: { settings }, abort, cwd, env }: Surroundings,
): Promise<Host> => ({
  version: packageFacts().version,
  cwd,
  added: await addedBy(options),
  ...(session && { session }),
  ...(givenServers && { givenServers }),
  trust: {
    file: trustFile(env),
    given: settings.trustExtensions,
    ask: options.askTrust === undefined ? null : async (...asked) => (await options.askTrust?.(...asked)) === true,
  },
  signal: abort.signal,
  stop: abort.stop,
  warn: faulty("onWarning", options.onWarning, abort.stop),
  openAi: async () => (isGiven(options.ai) ? null : openAiSettings(settings.aiSettingsFile)),
  chooseAi: (file, checks) => chosenAi(options, file, checks, settings.aiSettingsFile),
  homesFile: homesFile(env),
  userSkills: userSkillFolders(env),
  async open(planned) {
    if (options.tell !== undefined) await tellRun(dirname(planned.journal), planned.mask(options.tell), new Date());
    return frontEnd(options, own, abort, planned);
  },
});

/** The same error; its text has no secret in it. */
function masked(thrown: unknown, mask: Mask): unknown {
  if (!(thrown instanceof Error)) return thrown;
  thrown.message = mask(thrown.message);
  if (thrown.stack) thrown.stack = mask(thrown.stack);
  return thrown;
}

function valuesOf({ settings = {}, workspace, ai }: RunOptions): GivenSettings {
  return {
    ...settings,
    ...(workspace !== undefined && { workspaceDirectory: workspace }),
    ...(typeof ai === "string" && { aiSettingsFile: ai }),
  };
}

const isGiven = (ai: RunOptions["ai"]): ai is Ai => typeof ai === "object";

/** The commands and checks of the caller's, as the loop takes them. */
async function addedBy({ commands = [], checks = [] }: RunOptions): Promise<Added> {
  if (commands.length + checks.length === 0) return nothingAdded;
  const { adoptCheck, adoptCommand } = await import("../extensions/adopt.js");
  return {
    commands: commands.map((command, index) => named(`commands[${index}]`, () => adoptCommand(command))),
    checks: checks.map((check, index) => named(`checks[${index}]`, () => adoptCheck(check))),
  };
}

function named<Made>(name: string, make: () => Made): Made {
  try {
    return make();
  } catch (thrown) {
    throw new SettingsError(`${name}: ${messageOf(thrown)}.`, { cause: thrown });
  }
}

async function chosenAi(
  { ai }: RunOptions,
  opened: AiSettingsFile | null,
  checks: readonly Check[],
  file: string,
): Promise<ChosenAi> {
  if (isGiven(ai)) return aiFrom(ai, checks);
  const saved = opened?.read(checks);
  if (saved === undefined)
    throw new SettingsError(`${file} does not exist. Write it (name, role and goals), or give run() an ai.`);
  return { ai: saved, apiBudget: saved.apiBudget, approve: saved.approve ?? [], protect: saved.protect ?? [], file };
}

function frontEnd(
  { onEvent, onText, onThinking, onWarning, ask }: RunOptions,
  { askUser, toldAnswers, hearReply }: OwnOptions,
  { signal, stop }: Abort,
  { mask, plan }: PlannedRun,
): FrontEnd {
  const { settingsFile } = plan;
  const hear = hearReply?.(mask) ?? { onText, onThinking };
  const listen = async (event: JournalEvent): Promise<void> => {
    try {
      await onEvent?.(event);
    } catch (thrown) {
      stop(faultOf("onEvent", thrown));
    }
  };
  return {
    listeners: onEvent ? [listen] : [],
    onText: hear.onText && faulty("onText", hear.onText, stop),
    onThinking: hear.onThinking && faulty("onThinking", hear.onThinking, stop),
    ask: createAsk(ask, mask, signal),
    answerable: ask !== undefined,
    ...(askUser && { askUser }),
    ...(toldAnswers && { toldAnswers }),
    ...(settingsFile !== null && {
      keepRules: async (rules) => onWarning?.(await keepRules(settingsFile, rules, plan.checks)),
    }),
    inspector: null,
  };
}

/** A function of the caller's whose failure ends the run, whoever called it. */
const faulty =
  <Given>(name: string, hear: ((given: Given) => void) | undefined, stop: Abort["stop"]) =>
  (given: Given): void => {
    try {
      hear?.(given);
    } catch (thrown) {
      stop(faultOf(name, thrown));
    }
  };

const faultOf = (name: string, thrown: unknown): RunError =>
  new RunError("fault", `${name} failed: ${messageOf(thrown)}`, { cause: thrown });

type Abort = Pick<Host, "signal" | "stop"> & { release(): void };

/** A signal of the run's own, aborted by the caller's, with a reason that the loop understands. */
function abortableBy(outer: AbortSignal | undefined): Abort {
  const controller = new AbortController();
  const interrupt = (): void => {
    const reason: unknown = outer?.reason;
    controller.abort(reason instanceof RunError ? reason : new RunError("interrupted", "Interrupted."));
  };
  return {
    signal: controller.signal,
    stop: (reason) => controller.abort(reason),
    release: onAbort(outer, interrupt),
  };
}
