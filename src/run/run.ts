import { escapeControls, escapeText } from "../base/escape.js";
import { createInspector } from "../console/debug.js";
import { askUntilClear } from "../console/input/ask.js";
import type { Dialogue } from "../console/input/first-run.js";
import type { Lines } from "../console/input/line-source.js";
import { openLines } from "../console/input/lines.js";
import type { onInterruption } from "../console/interruption.js";
import { consoleListener, literalCommand } from "../console/listener.js";
import { createLiveThoughts } from "../console/live-thoughts.js";
import { announce, announceMisspelt } from "../console/notices.js";
import { createPalette } from "../console/palette.js";
import { recordListener } from "../console/records.js";
import { createScreen, type Screen } from "../console/screen.js";
import { nothingAdded } from "../extensions/equipment.js";
import type { RunEnd } from "../history/events.js";
import { readAzure } from "../settings/azure.js";
import { wantsColor } from "../settings/environment/bare-environment.js";
import { trustFile } from "../settings/environment/trust-file.js";
import type { LoadedSettings } from "../settings/load.js";
import { carryOut, type FrontEnd, type PlannedRun } from "./carry-out.js";
import { chooseAi, mayAsk } from "./plan.js";

export type Program = {
  version: string;
  cwd: string;
  interruption: ReturnType<typeof onInterruption>;
  /** Is told the name of the run that is about to begin or go on. */
  onRun(name: string): void;
  /** Is told of a fault of this program that ends the run, before only its message is left. */
  onFault(thrown: unknown): void;
};

/** `autogpt`: a run at the console. Resolves to how it ended; throws SettingsError where it cannot begin. */
export async function run(program: Program, loaded: LoadedSettings): Promise<RunEnd> {
  const { version, cwd, interruption, onRun, onFault } = program;
  const { signal, stop } = interruption;
  const { settings } = loaded;
  const quiet = settings.outputFormat !== "text";
  const screen = createScreen({ out: process.stdout, err: process.stderr, signal });
  const lines = openLines(process.stdin, quiet ? process.stderr : process.stdout);
  try {
    const dialogue: Dialogue = {
      ask: (question) => lines.ask(escapeText(question), signal),
      say: (line) => screen.print(escapeText(line)),
    };
    const { end, again } = await carryOut(
      {
        version,
        cwd,
        added: nothingAdded,
        trust: {
          file: trustFile(),
          given: settings.trustExtensions,
          ask: mayAsk(settings) ? (list, question) => trusts(dialogue, list, question) : null,
        },
        signal,
        stop,
        warn: (text) => screen.note(escapeText(text)),
        openAi: async () => (await import("../settings/ai/ai-settings.js")).openAiSettings(settings.aiSettingsFile),
        chooseAi: (file, checks) => chooseAi(settings, file, checks, dialogue),
        onFault,
        open: (planned) => {
          onRun(planned.plan.run);
          return openConsole(planned, loaded, { screen, lines, signal });
        },
      },
      loaded,
    );
    return again ? sayAgain(end, quiet) : end;
  } finally {
    lines.close();
    screen.rest();
  }
}

async function trusts({ ask, say }: Dialogue, list: readonly string[], question: string): Promise<boolean> {
  for (const line of list) say(line);
  return (await ask(question))?.trim().toLowerCase() === "y";
}

/** A run that has completed ends as it did before, and says so. */
function sayAgain(end: RunEnd, quiet: boolean): RunEnd {
  if (quiet) process.stdout.write(`${JSON.stringify(end)}\n`);
  const message = `The run ${end.run} is completed, so there is nothing to resume. Without --resume a new one begins.`;
  return { ...end, message };
}

type Terminal = { screen: Screen; lines: Lines; signal: AbortSignal };

async function openConsole(
  { plan, journal, mask }: PlannedRun,
  loaded: LoadedSettings,
  { screen, lines, signal }: Terminal,
): Promise<FrontEnd> {
  const { settings, ai } = plan;
  const { outputFormat } = settings;
  announceMisspelt(loaded, screen);
  announce({ ...plan, azure: await readAzure(settings) }, loaded.sources, screen);
  const quiet = outputFormat !== "text";
  const palette = createPalette(wantsColor(quiet ? process.stderr : process.stdout));
  const live = createLiveThoughts(screen, { aiName: ai.aiName, palette, mask });
  return {
    listeners: [
      ...(outputFormat === "text" ? [] : [recordListener(outputFormat, process.stdout)]),
      consoleListener(screen, { aiName: ai.aiName, journal, palette, quiet, live }),
    ],
    onText: quiet ? undefined : live.hear,
    ask: async ({ command, effect }) => {
      if (quiet) screen.note(`NEXT ACTION: ${literalCommand(mask(command))}  (${effect})`);
      return askUntilClear(question(ai.aiName), (text) => lines.ask(text, signal), screen.note);
    },
    inspector: settings.debug ? (memory, count) => createInspector(screen, memory, count, mask) : null,
  };
}

const question = (aiName: string): string =>
  `Enter 'y' to authorise command, 'y -N' to run N continuous commands, 'n' to exit program, or enter feedback for ${escapeControls(aiName, { newlines: "escape" })}...\nInput: `;
