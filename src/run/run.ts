import { isYes } from "../console/input/ask.js";
import type { Writable } from "node:stream";
import { escapeText } from "../base/escape.js";
import { followWaits } from "../console/early-end.js";
import type { Permission } from "../agent/question.js";
import { createUserQuestion } from "../console/approval/user-question.js";
import type { StreamMask } from "../base/mask.js";
import { isAskedForByAgent } from "../base/process/started-by-run.js";
import { createInspector } from "../console/debug.js";
import { literalCommand } from "../console/approval/next-action.js";
import { createPrompt } from "../console/approval/prompt.js";
import type { Dialogue } from "../console/input/first-run.js";
import { openUserInput } from "../console/input/open-input.js";
import type { UserInput } from "../console/input/user-input.js";
import type { Interruption } from "../console/interruption.js";
import { consoleListener, removedJournal } from "../console/listener.js";
import { createLiveThoughts } from "../console/live-thoughts.js";
import { createCountdown } from "../console/notes/countdown.js";
import { announce, announceSuspicious } from "../console/notes/notices.js";
import { coloured, createPalette, type Palette } from "../console/palette.js";
import { recordListener } from "../console/records.js";
import { summaryLines } from "../console/report/summary.js";
import { createScreen, type Screen } from "../console/screen.js";
import { createStatus, type Status } from "../console/status/status.js";
import { sizeOf, type Streams } from "../console/streams.js";
import { nothingAdded } from "../extensions/equipment.js";
import type { RunEnd } from "../history/events.js";
import { readAzure } from "../settings/azure.js";
import { colourDepth, isDumb } from "../settings/environment/bare-environment.js";
import { trustFile, userSkillFolders } from "../settings/environment/trust-file.js";
import type { LoadedSettings } from "../settings/load.js";
import { mayAnswer, requireAnswers } from "./require-answers.js";
import { fileForRules, keepRules } from "./keep-rules.js";
import type { WrittenReport } from "./end/write-report.js";
import { carryOut, type Host } from "./carry-out.js";
import type { FrontEnd, PlannedRun } from "./front-end.js";
import { createRunChoice } from "./run-choice.js";
import { lookBack } from "./look-back.js";
import { askingWith, createSteering } from "./steer.js";
import type { Settings } from "../settings/schema.js";
import { chooseAi, mayAsk } from "./ai/choose-ai.js";
import type { Plan } from "./plan.js";

export type Program = Pick<Host, "replica"> & {
  version: string;
  cwd: string;
  environment: Readonly<Record<string, string | undefined>>;
  streams: Streams;
  interruption: Pick<Interruption, "signal" | "stop"> &
    Partial<Pick<Interruption, "first">> & { abandoned?: AbortSignal };
  /** Is told the name of the run that is about to begin or go on. */
  onRun(name: string): void;
  /** Is told how the run ended, once that is in its journal. */
  onEnd(end: RunEnd): void;
  /** Is told of a fault of this program that ends the run, before only its message is left. */
  onFault(thrown: unknown): void;
  /** Is told what the run waits for, in a few words. */
  heard(what: string): void;
};

/** How a run ended; `told`: the last lines on this terminal have said so, and what goes on with it. */
export type Ended = { end: RunEnd; told: boolean };

/** `autogpt`: a run at the console. Resolves to how it ended; throws SettingsError where it cannot begin. */
export async function run(program: Program, loaded: LoadedSettings): Promise<Ended> {
  const { version, cwd, interruption, onRun, onFault } = program;
  const { stdin, stdout, stderr } = program.streams;
  const { signal, stop, abandoned } = interruption;
  let journalled = false;
  let told = false;
  const onEnd = (end: RunEnd): void => {
    journalled = true;
    program.onEnd(end);
  };
  const settings = mayAnswer(stdin) ? loaded.settings : { ...loaded.settings, skipReprompt: true };
  const quiet = settings.outputFormat !== "text";
  const { screen, palette } = openScreen(program, settings);
  const lines = quietly(openUserInput(stdin, quiet ? stderr : stdout), screen);
  try {
    const dialogue: Dialogue = {
      ask: (question, options) => lines.ask(escapeText(question), signal, options),
      say: (line) => screen.print(escapeText(line)),
    };
    const { end, again } = await carryOut(
      {
        ...{ version, cwd, onFault, added: nothingAdded, replica: program.replica },
        trust: {
          file: trustFile(program.environment),
          given: settings.trustExtensions,
          ask: mayAsk(settings) ? (list, question) => trusts(seen(dialogue), list, question) : null,
        },
        ...{ signal, stop, byAgent: isAskedForByAgent(program.environment), ...(abandoned && { abandoned }) },
        warn: (text) => screen.note(coloured(palette, escapeText(text))),
        openAi: async () => (await import("../settings/ai/ai-settings.js")).openAiSettings(settings.aiSettingsFile),
        userSkills: userSkillFolders(program.environment),
        ...createRunChoice({ ...loaded, settings }, dialogue, { ...program, screen, lines }),
        chooseAi: (file, checks) => chooseAi(settings, file, checks, dialogue),
        open: async (planned) => {
          onRun(planned.plan.run);
          const front = await openConsole(planned, loaded, { ...program, onEnd, screen, lines, palette });
          return onceReported(front, () => (told = [stdout, stderr].every(({ isTTY }) => isTTY === true)));
        },
      },
      loaded,
    );
    if (again) return { end: sayAgain(end, quiet ? stdout : null), told };
    // Nobody heard of an end that the journal did not take.
    if (quiet && !journalled) stdout.write(`${JSON.stringify(end)}\n`);
    return { end, told };
  } finally {
    lines.close();
    screen.rest();
  }
}

/** The same front end, which calls this once the last lines of the run are there; where it has none, never. */
const onceReported = ({ reported, ...front }: FrontEnd, call: () => void): FrontEnd => ({
  ...front,
  ...(reported && {
    reported(written) {
      reported(written);
      call();
    },
  }),
});

/** For people, standard error is the stream where records go to the other one. */
function openScreen(
  { streams: { stdout, stderr }, interruption, environment }: Program,
  { outputFormat, plain }: Settings,
): { screen: Screen; palette: Palette } {
  const shown = outputFormat === "text" ? stdout : stderr;
  return {
    screen: createScreen({
      out: stdout,
      err: stderr,
      signal: interruption.signal,
      plain: plain || isDumb(environment),
    }),
    palette: createPalette(colourDepth(shown, environment)),
  };
}

async function trusts({ ask, say }: Dialogue, list: readonly string[], question: string): Promise<boolean> {
  for (const line of list) say(line);
  return isYes(await ask(question));
}

/** The same dialogue, in which only what is entered behind a question answers it. */
const seen = (dialogue: Dialogue): Dialogue => ({
  ...dialogue,
  ask: (question) => dialogue.ask(question, { fresh: true }),
});

/** A run that has completed ends as it did before, and says so; its record goes to `out`, where records are wanted. */
function sayAgain(end: RunEnd, out: Writable | null): RunEnd {
  out?.write(`${JSON.stringify(end)}\n`);
  const message = `The run ${end.run} is completed, so there is nothing to resume. Without --resume a new one begins.`;
  return { ...end, message };
}

/** Lines that are asked for while nothing else is shown. */
const quietly = (lines: UserInput, screen: Screen): UserInput => ({
  ...lines,
  ask: (...question) => screen.whileAsked(() => lines.ask(...question)),
});

const statusOf = (screen: Screen, { limits, ai, resumed }: Plan, palette: Palette, mask: StreamMask): Status =>
  createStatus(screen, { limits, goals: ai.goals, spent: resumed?.recorded.spent ?? null, palette, mask });

type Terminal = Program & { screen: Screen; lines: UserInput; palette: Palette };

/** What the line at the bottom is told that is no event. */
const followed = (status: Status, heard: Program["heard"]): Pick<FrontEnd, "heard" | "judged" | "onOutput"> => ({
  heard(what) {
    heard(what);
    status.heard(what);
  },
  judged: status.judged,
  onOutput: status.output,
});

async function granting(status: Status, asked: Promise<Permission>): Promise<Permission> {
  const answer = await asked;
  if (answer.kind === "run") status.grant(answer.count);
  return answer;
}

function sayLookBack({ resumed }: Plan, screen: Screen, mask: StreamMask): void {
  if (resumed) for (const line of lookBack(resumed.recorded)) screen.print(escapeText(mask(line)));
}

/** Where the journal will be found; null where its folder is removed after the run. */
const keptJournal = (journal: string, environment: Program["environment"]): string | null =>
  environment[removedJournal] === undefined ? journal : null;

function saySummary({ report, lines, file }: WrittenReport, screen: Screen, environment: Program["environment"]): void {
  for (const line of summaryLines(report, { lines, file: keptJournal(file, environment) })) screen.print(line);
}

async function openConsole(
  { plan, journal, mask }: PlannedRun,
  loaded: LoadedSettings,
  { screen, lines, palette, environment, streams, interruption, heard, onEnd }: Terminal,
): Promise<FrontEnd> {
  const { stdin, stdout, stderr } = streams;
  const { settings, ai } = plan;
  const rulesFile = plan.settingsFile ?? settings.aiSettingsFile;
  requireAnswers(plan, stdin);
  announceSuspicious(loaded, screen);
  announce({ ...plan, azure: await readAzure(settings) }, loaded.sources, screen);
  const quiet = settings.outputFormat !== "text";
  if (!quiet) sayLookBack(plan, screen, mask);
  const live = createLiveThoughts(screen, { aiName: ai.aiName, palette, mask });
  const status = statusOf(screen, plan, palette, mask);
  const { note } = screen;
  const prompt = createPrompt({
    ...{ aiName: ai.aiName, settingsFile: () => fileForRules(rulesFile), environment, lines, palette, mask },
    ...{ signal: interruption.signal, note, print: quiet ? note : screen.print },
    size: () => sizeOf(quiet ? stderr : stdout),
  });
  const steered = createSteering({ aiName: ai.aiName, lines, interruption, note, endLine: () => void live.finish() });
  return {
    listeners: [
      followWaits(heard),
      (event) => (event.type === "run-end" ? onEnd(event) : undefined),
      status.hear,
      ...(settings.wait === undefined ? [] : [createCountdown(screen)]),
      ...(settings.outputFormat === "text" ? [] : [recordListener(settings.outputFormat, stdout)]),
      consoleListener(screen, {
        ...{ aiName: ai.aiName, run: plan.run, palette, quiet, live },
        journal: keptJournal(journal, environment),
      }),
    ],
    ...followed(status, heard),
    ask: async (asked, answered) => {
      if (quiet) screen.note(`NEXT ACTION: ${literalCommand(mask(asked.command))}  (${asked.effect})`);
      return granting(
        status,
        askingWith(steered)(() => prompt(asked, answered)),
      );
    },
    askUser: createUserQuestion({ lines, note, mask, asking: askingWith(steered) }),
    ...(!quiet && { onText: live.hear, reported: (written) => saySummary(written, screen, environment) }),
    answerable: lines.isTerminal,
    steering: steered?.steering,
    keepRules: async (rules) => screen.note(escapeText(await keepRules(rulesFile, rules, plan.checks))),
    inspector: settings.debug ? (memory, count) => createInspector(screen, memory, count, mask) : null,
  };
}
