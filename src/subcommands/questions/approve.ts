import { isYes } from "../../console/input/ask.js";
import { escapeText } from "../../base/escape.js";
import { createMask, type StreamMask } from "../../base/mask.js";
import { commandLine } from "../../base/process/command-line.js";
import { withProposals } from "../../compose/proposals.js";
import { changeArguments, editorOf, type EditedArguments } from "../../console/approval/edit-arguments.js";
import { nextAction } from "../../console/approval/next-action.js";
import { showPreview } from "../../console/approval/preview.js";
import type { UserInput } from "../../console/input/user-input.js";
import type { Palette } from "../../console/palette.js";
import { whenText } from "../../console/text/words.js";
import { RunError, SettingsError } from "../../errors.js";
import type { Command } from "../../commands/command.js";
import { equipResumed } from "../../extensions/equip.js";
import { nothingAdded } from "../../extensions/equipment.js";
import type { Trust } from "../../extensions/trust.js";
import { answerQuestion, type GivenAnswer, type WaitingRun } from "../../history/questions/answer.js";
import { questionOf, shownDigits, type Asked } from "../../history/questions/digest.js";
import { trustFile } from "../../settings/environment/trust-file.js";
import type { LoadedSettings } from "../../settings/load.js";
import { handedOver } from "./say.js";
import { withPlace, type QuestionPlace } from "./place.js";
import { commandsWait, waitingRun } from "./waiting.js";

/** Where a person is shown a question, and answers. */
export type Asker = {
  lines: Pick<UserInput, "isTerminal" | "ask">;
  palette: Palette;
  environment: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
  print(text: string): void;
};

export type ApproveOptions = {
  loaded: LoadedSettings;
  cwd: string;
  /** The run; the only one that waits, unless told. */
  run: string | undefined;
  /** The question that is approved without being shown: its id, or the beginning of it. */
  yes: string | undefined;
  /** The arguments are changed first. */
  edit: boolean;
};

/**
 * `autogpt approve`: shows what a parked run wants to do, asks, and writes the answer into its journal. Resolves to what
 * was done, in a sentence. Throws SettingsError where nothing waits, or nobody can be asked.
 */
export const approve = (options: ApproveOptions, asker: Asker): Promise<string> =>
  withPlace(options.loaded.settings, options.run, commandsWait, (place) => approveIn(place, options, asker));

async function approveIn(place: QuestionPlace, options: ApproveOptions, asker: Asker): Promise<string> {
  const { loaded, yes, edit } = options;
  const mask = createMask(loaded.secrets);
  const waiting = await waitingRun(place.home, options.run);
  const { parked, recorded } = waiting;
  const { run } = recorded;
  if (edit && yes !== undefined)
    throw new SettingsError("--edit and --yes exclude each other: changed arguments have to be seen before they run.");
  if (edit && place.fleet !== null)
    throw new SettingsError(
      `The arguments of a run of the fleet cannot be changed, as its workspace is not here. ${commandLine(`deny ${run} --reason TEXT`)} tells the AI what to do instead.`,
    );
  if (edit && waiting.live !== null)
    throw new SettingsError(
      `The run ${run} waits at its terminal, in process ${waiting.live}: change the arguments there.`,
    );
  if (yes === undefined) await show(asker, waiting, parked);
  else requireSame(yes, parked.question, run);
  const given = edit ? await edited(options, waiting, asker, mask) : { answer: "run" as const };
  if (yes === undefined) await requireYes(asker, given.shown ?? parked.question, run);
  const { handedTo } = await place.answering(run, (home) =>
    answerQuestion(home, { run, question: parked.question }, given, mask),
  );
  return handedTo === null ? `Approved. ${place.goesOn(run)} with it.` : handedOver("Approved", handedTo);
}

/** An answer without a look has to name what it is an answer to. */
function requireSame(yes: string, question: string, run: string): void {
  if (yes.length >= shownDigits && question.startsWith(yes.toLowerCase())) return;
  throw new SettingsError(
    `The run ${run} asks the question ${question.slice(0, shownDigits)}, and --yes names ${JSON.stringify(yes)}. Look at it ` +
      `first: ${commandLine(`approve ${run}`)}`,
  );
}

async function show(
  { print, palette }: Asker,
  { recorded }: WaitingRun,
  asked: Asked & { step?: number; time?: string; remark?: string },
): Promise<void> {
  const { run, start } = recorded;
  if (asked.time !== undefined)
    print(
      escapeText(
        `The run ${run} of ${start.aiName} has waited at step ${asked.step} since ${whenText(new Date(asked.time), new Date())}.`,
      ),
    );
  if (asked.remark !== undefined) print(escapeText(asked.remark));
  print(nextAction(palette, asked.command, asked.effect));
  const { lines } = await showPreview(asked.preview, palette, null);
  if (lines.length > 0) print(lines.join("\n"));
}

async function requireYes({ lines, signal }: Asker, question: string, run: string): Promise<void> {
  const id = question.slice(0, shownDigits);
  if (!lines.isTerminal)
    throw new SettingsError(
      `Nothing was answered, as there is no terminal to ask on. ${commandLine(`approve ${run} --yes ${id}`)} approves this, and nothing else.`,
    );
  if (!isYes(await lines.ask(`Question ${id}. Run it (y/n)? `, signal, { fresh: true })))
    throw new RunError("user-stopped", "Nothing was answered; the run goes on waiting.");
}

/** Lets the person change the arguments, and shows what the command would do then. */
async function edited(
  { loaded, cwd }: ApproveOptions,
  waiting: WaitingRun,
  asker: Asker,
  mask: StreamMask,
): Promise<GivenAnswer> {
  const { recorded, parked } = waiting;
  const { environment, signal, lines } = asker;
  if (!lines.isTerminal)
    throw new SettingsError("--edit needs a terminal: changed arguments have to be seen before they run.");
  const { args } = orRefuse(await change(asker, parked.command));
  if (JSON.stringify(mask(args)) !== JSON.stringify(args))
    throw new SettingsError("A secret is among these arguments, and the journal keeps none. Nothing was changed.");
  const { start, run } = recorded;
  const trust = { file: trustFile(environment), given: loaded.settings.trustExtensions, ask: null };
  const before = { run, extensions: start.extensions ?? [] };
  const equipment = await equipResumed({ added: nothingAdded, trust }, before, start.workspace);
  const commands = [...equipment.commands, ...(await serverCommands(start, { loaded, trust }))];
  const asked = await withProposals({ loaded, cwd, recorded, commands, signal }, async (proposalFor) => {
    const proposal = await proposalFor({ name: parked.command.name, args }, parked.step);
    if (typeof proposal === "string") throw new SettingsError(`${proposal} Nothing was changed.`);
    return mask(proposal);
  });
  const { remark } = parked;
  await show(asker, waiting, { ...asked, ...(remark !== undefined && { remark }) });
  return { answer: "run", args: asked.command.args, shown: questionOf(asked) };
}

/** The tools of the run's MCP servers, as the user agreed to them; none is started. */
async function serverCommands(
  { mcpServers = [], settingsFile }: Pick<WaitingRun["recorded"]["start"], "mcpServers" | "settingsFile">,
  { loaded, trust }: { loaded: LoadedSettings; trust: Pick<Trust, "file"> },
): Promise<readonly Command[]> {
  if (mcpServers.length === 0) return [];
  const [{ configuredServers, serversNow }, { pinnedCommands }] = await Promise.all([
    import("../../mcp/named-servers.js"),
    import("../../mcp/pinned-commands.js"),
  ]);
  const named = await serversNow(settingsFile ?? loaded.settings.aiSettingsFile);
  const { configs } = await configuredServers(named, loaded.variable);
  return pinnedCommands(configs, trust);
}

const change = ({ environment, lines, signal }: Asker, command: Asked["command"]): Promise<EditedArguments> =>
  changeArguments(editorOf(environment), command, (text, prefill) => lines.ask(text, signal, { fresh: true, prefill }));

function orRefuse(given: EditedArguments): Extract<EditedArguments, { ok: true }> {
  if (given.ok) return given;
  throw new SettingsError(given.problem);
}
