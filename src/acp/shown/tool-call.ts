import { resolve } from "node:path";
import type { ToolCallContent, ToolCallLocation, ToolKind } from "@agentclientprotocol/sdk";
import { escapeLine, escapeText } from "../../base/escape.js";
import { firstCharacters } from "../../base/text.js";
import { allCommands, commandMap } from "../../commands/index.js";
import type { Effect } from "../../commands/command.js";
import type { CommandCall } from "../../history/event-parts.js";
import type { Preview, PreviewPart } from "../../history/events/preview.js";
import { fenced } from "../prompt-text.js";
import { textContent } from "../protocol.js";

const kinds: ReadonlyMap<string, ToolKind> = new Map<Effect, ToolKind>([
  ["reads", "read"],
  ["writes", "edit"],
  ["replaces", "edit"],
  ["deletes", "delete"],
  ["network", "fetch"],
  ["acts outside", "other"],
  ["runs code", "execute"],
  ["asks a model", "think"],
  ["nothing", "think"],
  ["ends the run", "other"],
]);

/** What the effects of these do not tell. */
const kindsByName: ReadonlyMap<string, ToolKind> = new Map<string, ToolKind>([
  ["search_text", "search"],
  ["search_files", "search"],
  ["google", "search"],
  ["move_file", "move"],
]);

const longestTitle = 200;

/** A command as editors show it: the argument that tells most stands behind its name. */
export function titleOf({ name, args }: CommandCall): string {
  const told = firstText(args);
  const title = escapeLine(told === "" ? name : `${name}: ${told}`);
  return title.length > longestTitle ? `${firstCharacters(title, longestTitle - 2)} …` : title;
}

function firstText(args: CommandCall["args"]): string {
  for (const name of ["command_line", "file", "path", "filename", "source", "directory", "url", "query", "reason"]) {
    const value = args[name];
    if (typeof value === "string" && value !== "") return value;
  }
  return Object.values(args).find((value): value is string => typeof value === "string" && value !== "") ?? "";
}

/** What kind of act a command is; by what it does to the world, where that was told. */
export function kindOf({ name }: Pick<CommandCall, "name">, effect?: string): ToolKind {
  const known = effect?.replace(/ on this machine.*$/s, "") ?? commandMap(allCommands).get(name)?.effect ?? "";
  return kindsByName.get(name) ?? kinds.get(known) ?? "other";
}

/** Arguments that name files of the workspace. */
const pathNames = ["file", "filename", "path", "source", "destination", "from", "to", "output"];

/** The paths among a call's arguments, as it has them. */
export const pathsIn = ({ args }: CommandCall): string[] =>
  pathNames.flatMap((name) => {
    const value = args[name];
    return typeof value === "string" && value !== "" && !value.includes("://") ? [value] : [];
  });

/** Where it acts, for editors that follow. */
export const locationsOf = (call: CommandCall, workspace: string): ToolCallLocation[] =>
  [...new Set(pathsIn(call).map((path) => resolve(workspace, path)))].map((path) => ({ path }));

/** A text as a tool's content: shown as it is. Editors read content as Markdown, and would load a picture that a page names. */
export const asContent = (text: string): ToolCallContent => ({
  type: "content",
  content: textContent(fenced(escapeText(text))),
});

/** What a call would do, as content: files as diffs, the rest as texts. */
export const previewContent = (preview: Preview, workspace: string): ToolCallContent[] =>
  preview.map((part) => contentOf(part, workspace));

function contentOf(part: PreviewPart, workspace: string): ToolCallContent {
  switch (part.kind) {
    case "file":
      return fileContent(part, workspace);
    case "shell":
      return asContent(`A shell runs: ${part.line}`);
    case "address":
      return asContent(`A connection to ${part.host}: ${part.url}`);
    default:
      return asContent(`${part.title}: ${part.text}`);
  }
}

function fileContent(part: Extract<PreviewPart, { kind: "file" }>, workspace: string): ToolCallContent {
  const { path, before, after } = part;
  const isShown = (before === null || before.text !== null) && (after === null || after.text !== null);
  if (!isShown || (before === null && after === null))
    return asContent(`${path}: ${sizeOf(before)} becomes ${sizeOf(after)}`);
  return {
    type: "diff",
    path: resolve(workspace, path),
    oldText: before?.text ?? null,
    newText: after?.text ?? "",
  };
}

const sizeOf = (file: { bytes: number | null } | null): string =>
  file === null ? "nothing" : file.bytes === null ? "a file" : `a file of ${file.bytes} bytes`;
