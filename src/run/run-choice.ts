import { isYes } from "../console/input/ask.js";
import { commandLine } from "../base/process/command-line.js";
import { escapeText } from "../base/escape.js";
import type { Dialogue } from "../console/input/first-run.js";
import type { UserInput } from "../console/input/user-input.js";
import type { Screen } from "../console/screen.js";
import { lastRunIfOpen } from "../history/listing/open-runs.js";
import { homesFile } from "../settings/environment/trust-file.js";
import type { LoadedSettings } from "../settings/load.js";
import type { Host } from "./carry-out.js";
import { pickRun } from "./choose-run.js";
import { mayAsk } from "./ai/choose-ai.js";

type Terminal = {
  environment: Readonly<Record<string, string | undefined>>;
  screen: Screen;
  lines: Pick<UserInput, "isTerminal">;
};

/** What a person is told, and on a terminal asked, about runs that can be resumed. */
export function createRunChoice(
  { settings }: LoadedSettings,
  dialogue: Dialogue,
  { environment, screen, lines }: Terminal,
): Pick<Host, "homesFile" | "chooseRun" | "offerOpenRun" | "acceptChanges" | "putBack"> {
  const asks = mayAsk(settings) && lines.isTerminal;
  const yes = async (question: string, usual: boolean): Promise<boolean> => {
    const answer = ((await dialogue.ask(question, { fresh: true })) ?? "").trim();
    return answer === "" ? usual : isYes(answer);
  };
  return {
    homesFile: homesFile(environment),
    ...(asks && { chooseRun: (home) => pickRun(home, dialogue, screen.columns) }),
    async offerOpenRun(home) {
      const open = await lastRunIfOpen(home);
      if (open === null) return null;
      const stopped = `The run ${open.run} was stopped${placeOf(open.step)}`;
      if (asks && !namesAi(settings)) {
        dialogue.say(`${stopped}.`);
        return (await yes("Go on with it? (y: go on, Enter: start a new run) ", false)) ? open.run : null;
      }
      screen.note(escapeText(`${stopped}: ${commandLine("--resume")} goes on with it. This is a new run.`));
      return null;
    },
    ...(asks && {
      async putBack(lines: readonly string[]) {
        for (const line of lines) dialogue.say(line);
        return yes("Put it back? (y: put it back and go on from there, Enter: leave all as it is) ", false);
      },
    }),
    async acceptChanges(differences, where) {
      const were = where.length === 1 ? "was" : "were";
      const lines = [
        `${where.join(" and ")} ${were} changed since this run began:`,
        ...differences.map((line) => `  ${line}`),
      ];
      if (settings.acceptChanges || !asks) {
        const outcome = settings.acceptChanges
          ? "The run takes this over."
          : "The run keeps to what it began with; --accept-changes takes this over.";
        screen.note(escapeText([...lines, outcome].join("\n")));
        return settings.acceptChanges;
      }
      for (const line of lines) dialogue.say(line);
      return yes("Take over the changes? (y: take them over, Enter: keep to what the run began with) ", false);
    },
  };
}

const placeOf = (step: number | null): string =>
  step === null ? "" : step === 0 ? " before its first step" : ` at step ${step}`;

const namesAi = ({ aiName, aiRole, aiGoals }: LoadedSettings["settings"]): boolean =>
  [aiName, aiRole, aiGoals].some((given) => given !== undefined);
