import { LineCounter, isMap, isScalar, parseDocument, type Document, type YAMLMap } from "yaml";
import * as z from "zod";
import { cleanLine } from "../../base/text.js";

/** A SKILL.md: what the AI is told beforehand, and the rest. */
export type ParsedSkill = { name: string; description: string; body: string };

/** `skill`: null where it cannot be used. The problems name file and line; with some of them it can be used all the same. */
export type SkillReading = { skill: ParsedSkill | null; problems: string[] };

const some = (what: string, most: number) =>
  z
    .string(`${what} must be text`)
    .trim()
    .min(1, `${what} must not be empty`)
    .refine((text) => [...text].length <= most, `${what} must have at most ${most} characters`);

const nameForm = /^[\p{Ll}\p{Lo}\p{Lm}\p{N}]+(?:-[\p{Ll}\p{Lo}\p{Lm}\p{N}]+)*$/u;

/** What the specification of agent skills (agentskills.io) says of the fields that are needed. */
const neededFields = (folder: string) =>
  z.looseObject({
    name: some("name", 64)
      .refine(
        (name) => nameForm.test(name),
        "name must be small letters and digits, with single hyphens between them, such as fill-in-forms",
      )
      .refine(
        (name) => name === folder.normalize("NFKC"),
        `name must be that of its folder, ${JSON.stringify(folder)}`,
      ),
    description: some("description", 1024),
  });

/** And of those that may be there. Nothing here is made of them, so a skill can be used without. */
const furtherFields = () =>
  z.looseObject({
    license: z.string("license must be text").optional(),
    compatibility: some("compatibility", 500).optional(),
    metadata: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]), "metadata must be names with a text each")
      .optional(),
    "allowed-tools": z.string("allowed-tools must be text, with spaces between the names").optional(),
  });

const known = ["name", "description", "license", "compatibility", "metadata", "allowed-tools"];

/** Reads the text of a SKILL.md that lies in a folder of this name. */
export function parseSkill(written: string, file: string, folder: string): SkillReading {
  const text = written.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  const at = (line: number, problem: string): string => `${file}, line ${line}: ${problem}.`;
  const unusable = (...problems: string[]): SkillReading => ({ skill: null, problems });
  const [, front, body = ""] = /^---[ \t]*\n([^]*?)^---[ \t]*$\n?([^]*)/m.exec(text) ?? [];
  if (front === undefined || !text.startsWith("---"))
    return unusable(
      at(1, "it must begin with a line ---, name: and description: on lines of their own, and a line --- behind them"),
    );
  const lines = new LineCounter();
  // The line that was taken off before it is counted.
  const document = parseDocument(`\n${front}`, { lineCounter: lines, prettyErrors: false, logLevel: "silent" });
  const [failure] = document.errors;
  if (failure)
    return unusable(
      at(
        lines.linePos(failure.pos[0]).line,
        `this is not valid YAML (${cleanLine(failure.message, 200)}); a text with a colon or a # in it needs quotes`,
      ),
    );
  if (!isMap(document.contents)) return unusable(at(2, "name: and description: were expected here"));
  const lineOf = (key: string): number => lineOfKey(document.contents as unknown as YAMLMap, key, lines);
  const values = valuesOf(document);
  if (values === null) return unusable(at(2, "its aliases stand for more than a skill may say"));
  const told = (error: z.ZodError | undefined): string[] =>
    (error?.issues ?? []).map(({ path, message }) => {
      const key = String(path[0] ?? "");
      return at(lineOf(key), isMissing(values, key) ? `${key} is missing` : message);
    });
  const needed = neededFields(folder).safeParse(values);
  const problems = [
    ...told(needed.error),
    ...told(furtherFields().safeParse(values).error),
    ...Object.keys(values)
      .filter((key) => !known.includes(key))
      .map((key) =>
        at(lineOf(key), `${JSON.stringify(cleanLine(key, 60))} is no field of a skill, and is passed over`),
      ),
  ];
  if (!needed.success) return unusable(...problems);
  const { name, description } = needed.data;
  return { skill: { name, description: cleanLine(description, 1024), body: body.trim() }, problems };
}

/** Null where a few lines of aliases would become more than fits into memory. */
function valuesOf(document: Document.Parsed): object | null {
  try {
    return document.toJS() as object;
  } catch {
    return null;
  }
}

const isMissing = (values: object, key: string): boolean => (values as Record<string, unknown>)[key] === undefined;

/** Where a key stands; of one that is missing, where the fields begin. */
function lineOfKey(map: YAMLMap, key: string, lines: LineCounter): number {
  const found = map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key)?.key;
  return isScalar(found) && found.range ? lines.linePos(found.range[0]).line : 2;
}
