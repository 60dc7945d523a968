import type { Permission, Question } from "../../agent/question.js";
import { escapeControls, escapeText } from "../../base/escape.js";
import type { StreamMask } from "../../base/mask.js";
import { readAnswer } from "../input/ask.js";
import type { UserInput } from "../input/user-input.js";
import type { Palette } from "../palette.js";
import { askForRules } from "./add-rule.js";
import { changeArguments, editorOf, type EditedArguments } from "./edit-arguments.js";
import { keysHelp, question, shortQuestion } from "./keys.js";
import { showPreview, type Room } from "./preview.js";

export type PromptOptions = {
  aiName: string;
  /** The settings file that rules are added to, as the person knows it; null where there is none now. */
  settingsFile(): string | null;
  environment: Readonly<Record<string, string | undefined>>;
  lines: UserInput;
  signal: AbortSignal;
  palette: Palette;
  mask: StreamMask;
  /** Shows a text of one line or more where the question stands. */
  print(text: string): void;
  /** Says what was wrong with an answer. */
  note(text: string): void;
  /** The size of the terminal that the question stands on. */
  size(): Room;
};

/** Rows that the lines around a preview take. */
const otherRows = 10;

/**
 * Makes the function that asks a person at the console about a command: what it would do, then what to do about it. Rejects with
 * the reason of `answered` where somebody else is quicker.
 */
export function createPrompt(given: PromptOptions): (asked: Question, answered?: AbortSignal) => Promise<Permission> {
  return (asked, answered) =>
    promptFor(answered === undefined ? given : { ...given, signal: AbortSignal.any([given.signal, answered]) }, asked);
}

async function promptFor(options: PromptOptions, asked: Question): Promise<Permission> {
  const { lines, palette, mask, note, print, size } = options;
  const aiName = escapeControls(options.aiName, { newlines: "escape" });
  const show = async ({ preview }: Question, whole: boolean): Promise<number> => {
    const { rows, columns } = size();
    const room = whole ? null : { rows: Math.max(rows - otherRows, 6), columns };
    const shown = await showPreview(mask(preview), palette, room);
    if (shown.lines.length > 0) print(shown.lines.join("\n"));
    return shown.folded;
  };
  if (asked.problem !== null) note(escapeText(mask(asked.problem)));
  const folded = lines.isTerminal ? await show(asked, false) : 0;
  const text = lines.isTerminal ? shortQuestion(aiName, folded > 0) : question(aiName);
  for (;;) {
    const answer = readAnswer(await askFresh(options, text));
    switch (answer.kind) {
      case "unclear":
        note(answer.message);
        break;
      case "help":
        note(keysHelp(aiName).join("\n"));
        break;
      case "view":
        await show(asked, true);
        break;
      case "always": {
        const permission = await always(options, asked);
        if (permission) return permission;
        break;
      }
      case "edit": {
        const edited = await edit(options, asked);
        if (edited.ok) return { kind: "edit", args: edited.args };
        note(escapeText(mask(edited.problem)));
        break;
      }
      default:
        return answer;
    }
  }
}

/** What was typed before the question could be seen does not answer it; Ctrl-C has to be meant. */
const askFresh = ({ lines, signal }: PromptOptions, text: string, prefill?: string): Promise<string | null> =>
  lines.ask(text, signal, { fresh: true, confirmInterrupt: true, ...(prefill === undefined ? {} : { prefill }) });

async function always(options: PromptOptions, { rules, unconfined }: Question): Promise<Permission | null> {
  const { print, note, mask } = options;
  if (rules === null) {
    note(
      unconfined
        ? "Nothing confines this code, so each call of it takes a yes of its own."
        : "No rule can say this call and nothing else. Write one into approve: of ai_settings.yaml yourself.",
    );
    return null;
  }
  const file = options.settingsFile();
  const wanted = await askForRules(
    rules,
    file === null ? null : escapeText(file),
    (text) => askFresh(options, text),
    (shown) => print(shown.map((line) => escapeControls(mask(line), { newlines: "escape" })).join("\n")),
  );
  return wanted === null ? null : { kind: "always", rules: wanted };
}

/** In the person's editor, if they have one and a terminal; else on a line, which is there already on a terminal. */
function edit(options: PromptOptions, { command }: Question): Promise<EditedArguments> {
  const editor = options.lines.isTerminal ? editorOf(options.environment) : null;
  return changeArguments(editor, command, (text, prefill) => askFresh(options, text, prefill));
}
