import type { Argument, Command, Option } from "commander";
import { declaredSettings } from "../../settings/schema.js";
import type { Values } from "./values.js";

/** What may stand where the cursor is, with a few words about it. */
export type Candidate = { text: string; help: string };

/** What a shell offers: these, or the files or folders that it finds itself. */
export type Offer = { candidates: readonly Candidate[]; also: "files" | "folders" | null };

/**
 * What can come in place of the last of these words, which follow `autogpt` on a line that is being typed. Of the words
 * before it, those that are no usage of the program are passed over.
 */
export async function candidatesFor(program: Command, words: readonly string[], values: Values): Promise<Offer> {
  const place = placeOf(program, words.slice(0, -1));
  const current = unquoted(words.at(-1) ?? "");
  const [, flag, begun] = /^(--[^=]+)=(.*)$/s.exec(current) ?? [];
  const assigned = flag === undefined ? null : optionOf(place, flag);
  if (assigned && flag !== undefined && begun !== undefined)
    return prefixed(`${flag}=`, await offered(assigned, begun, values, program));
  // Bash parts `--flag=value` at the sign: the sign alone is no beginning of a value.
  if (place.option) return offered(place.option, current === "=" ? "" : current, values, program);
  if (current.startsWith("-")) return { candidates: flagsAt(place, current), also: null };
  const inner = place.operands === 0 ? place.command.commands.filter((one) => !isHidden(one)) : [];
  const subcommands = inner.map((one) => ({ text: one.name(), help: one.summary() || one.description() }));
  const argument = argumentAt(place);
  const own = argument && inner.length === 0 ? await offered(argument, current, values, program) : null;
  return {
    candidates: [...matching(subcommands, current), ...(own?.candidates ?? [])],
    also: own?.also ?? null,
  };
}

/** Where a line has got to: in which command, behind how many words of its own, and whether a flag waits for its value. */
type Place = { root: Command; command: Command; operands: number; option: Option | null };

function placeOf(program: Command, words: readonly string[]): Place {
  const place: Place = { root: program, command: program, operands: 0, option: null };
  for (const word of words.map(unquoted)) {
    if (word === "=") continue;
    const named = word.startsWith("-") ? optionOf(place, word) : null;
    const inner = place.command.commands.find((one) => one.name() === word);
    if (named) place.option = named.required || named.optional ? named : null;
    else if (place.option) place.option = null;
    else if (inner && place.operands === 0) place.command = inner;
    else if (!word.startsWith("-")) place.operands += 1;
  }
  return place;
}

const optionOf = ({ root, command }: Place, word: string): Option | null =>
  [...command.options, ...root.options].find(({ long, short }) => long === word || short === word) ?? null;

/** The flags of the subcommand; those of the whole program, which all take, where none of its own fits. */
function flagsAt({ root, command }: Place, current: string): Candidate[] {
  const flags = (from: Command): Candidate[] =>
    matching(
      [
        ...from.options.flatMap(({ long, description }) => (long ? [{ text: long, help: description }] : [])),
        { text: "--help", help: "Print this help" },
      ],
      current,
    );
  const own = flags(command);
  return own.length > 0 || command === root ? own : flags(root);
}

/** The argument that comes next; the last one may take many words. */
function argumentAt({ command, operands }: Place): Argument | null {
  const last = command.registeredArguments.at(-1);
  return command.registeredArguments[operands] ?? (last?.variadic ? last : null);
}

async function offered(part: Option | Argument, current: string, values: Values, program: Command): Promise<Offer> {
  const choices = part.argChoices ?? choicesOf(part);
  if (choices) return { candidates: matching(plainly(choices), current), also: null };
  const { placeholder, description } = describe(part);
  const kind = await values(placeholder, description, current, program);
  if (kind === "files" || kind === "folders") return { candidates: [], also: kind };
  return { candidates: matching(plainly(kind), current), also: null };
}

const plainly = (texts: readonly string[]): Candidate[] => texts.map((text) => ({ text, help: "" }));

/** What the part is called between its angle or square brackets, in lower case. */
function describe(part: Option | Argument): { placeholder: string; description: string } {
  const written = "flags" in part ? (/[<[]([^>\]]+)[>\]]/.exec(part.flags)?.[1] ?? "") : part.name();
  return { placeholder: written.replace("...", "").toLowerCase(), description: part.description };
}

/** The words that a setting's flag takes, where it takes no others. */
function choicesOf(part: Option | Argument): readonly string[] | null {
  if (!("flags" in part)) return null;
  const found = declaredSettings().find(([, { flag }]) => flag?.long === part.long);
  const listed = /^one of (.+)$/.exec(found?.[1].type.description ?? "")?.[1];
  return listed?.split(", ") ?? null;
}

const matching = (candidates: readonly Candidate[], current: string): Candidate[] =>
  candidates.filter(({ text }) => text.startsWith(current));

const prefixed = (prefix: string, { candidates, also }: Offer): Offer => ({
  candidates: candidates.map(({ text, help }) => ({ text: prefix + text, help })),
  also,
});

const isHidden = (command: Command): boolean => (command as Command & { _hidden?: boolean })._hidden === true;

/** A word as the shell would pass it on, as far as simple quotes go. */
const unquoted = (word: string): string => word.replace(/^(["'])(.*?)\1?$/s, "$2");
