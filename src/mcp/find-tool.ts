import * as z from "zod";
import { defineCommand, type Command } from "../commands/command.js";
import { commandLine } from "../prompt/system-prompt.js";

const mostFound = 8;

/** Lists tools by need, where there are too many for the prompt: those whose names and descriptions share most words with it. */
export function findTool(tools: readonly Command[]): Command {
  const described = tools.map((command) => ({ command, words: wordsOf(`${command.name} ${command.label}`) }));
  return defineCommand({
    name: "find_tool",
    label: `Find one of ${tools.length} further commands by what you need`,
    args: z.object({ need: z.string().describe("<what_you_need>") }),
    effect: "nothing",
    // Descriptions are what servers have written.
    foreign: () => ({ kind: "server", from: serversOf(tools).join(", ") }),
    run: async ({ need }) => {
      const wanted = wordsOf(need);
      const found = described
        .map(({ command, words }) => ({ command, score: [...wanted].filter((word) => words.has(word)).length }))
        .filter(({ score }) => score > 0)
        .sort((one, other) => other.score - one.score)
        .slice(0, mostFound)
        .map(({ command }) => `- ${commandLine(command)}`);
      if (found.length > 0)
        return `These commands may help; use them as those of the COMMANDS list:\n${found.join("\n")}`;
      return `No command is described in these words. There are commands of ${serversOf(tools).join(", ")}; try other words.`;
    },
  });
}

const serversOf = (tools: readonly Command[]): string[] => [
  ...new Set(tools.map(({ name }) => name.slice(0, name.indexOf(".")))),
];

/** Words without their usual endings, so that "files" finds "file". */
const wordsOf = (text: string): Set<string> =>
  new Set(
    text
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word.length > 1)
      .map((word) => word.replace(/(?<=.{3})(?:ing|ed|es|s)$/, "")),
  );
