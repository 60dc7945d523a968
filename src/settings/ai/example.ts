import { basename, dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { AiSettings } from "./ai.js";

/** The AI of the ai_settings.yaml that comes with the program: something to try, which costs little. */
const exampleAi: AiSettings = {
  aiName: "Librarian",
  aiRole: "an AI that reads up on a subject and writes short pages about it",
  goals: [
    {
      goal: "Write a page on how bridges carry their load, with its sources, into bridges.md",
      checks: [{ file_exists: "bridges.md" }],
    },
  ],
  apiBudget: undefined,
};

/** Whether nothing was changed in the example but comments. */
export const isExample = (ai: AiSettings): boolean =>
  isDeepStrictEqual({ ...ai, notes: undefined }, { ...exampleAi, notes: undefined });

const usualName = "ai_settings.yaml";

/** The names under which the AI of a folder is looked for, the user's own before what came with the project. */
export const aiFileNames: readonly string[] = ["ai_settings.local.yaml", usualName];

/** Where an AI is saved that the user makes: beside the example, which stays as it is, else in the file itself. */
export const fileForOwnAi = (file: string, saved: AiSettings | null | undefined): string =>
  saved && basename(file) === usualName && isExample(saved) ? join(dirname(file), "ai_settings.local.yaml") : file;
