import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../support/program.js";

/** How an editor starts the program. */
export type EditorLine = { command: string; args: readonly string[]; env: Readonly<Record<string, string>> };

/** What docs/editors.md tells people to paste: as it stands there for editors that read JSON, as the words of the command for the others. */
export function editorLines(): { json: EditorLine[]; words: string[][] } {
  const page = readFileSync(join(repository, "docs", "editors.md"), "utf8");
  const blocks = [...page.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, language, text]) => ({
    language,
    text: text ?? "",
  }));
  const json = blocks
    .filter(({ language }) => language === "json")
    .flatMap(({ text }) =>
      Object.values((JSON.parse(text) as { agent_servers: Record<string, EditorLine> }).agent_servers),
    );
  const words = blocks
    .filter(({ language }) => language === "lua" || language === "elisp")
    .map(({ text }) => /"autogpt"[^"]*"acp"(?:[^"})]*"[^"]*")*/.exec(text)?.[0] ?? "")
    .map((line) => [...line.matchAll(/"([^"]*)"/g)].map(([, word]) => word ?? ""));
  return { json, words };
}
