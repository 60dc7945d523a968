import { sourceKinds } from "../../memory/memory.js";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { partNames } from "../../base/packages/parts.js";
import { runsToComplete } from "../../history/listing/find-run.js";
import type { Settings } from "../../settings/schema.js";
import { helpTopics } from "../help/topic.js";
import { shells } from "./shells.js";

/**
 * What a flag or an argument takes: texts, or whatever files or folders there are. It is told the placeholder in lower case,
 * the description, and what was typed of it so far.
 */
export type Values = (
  placeholder: string,
  description: string,
  current: string,
  program: Command,
) => Promise<readonly string[] | "files" | "folders">;

type Folders = Pick<Settings, "home" | "workspaceDirectory">;

/** The values of flags and arguments in this folder. The settings are read only where runs or the workspace matter. */
export function valuesIn(folders: () => Promise<Folders>): Values {
  return async (placeholder, description, current, program) => {
    const ofWorkspace = description.includes("of the workspace");
    switch (placeholder) {
      case "file":
      case "dir":
        if (ofWorkspace) return inWorkspace((await folders()).workspaceDirectory, current, placeholder === "dir");
        return placeholder === "dir" ? "folders" : "files";
      case "run":
      case "runs":
        return runsToComplete((await folders()).home);
      case "shell":
        return shells;
      case "names":
        return partNames;
      case "topic":
        return helpTopics(program);
      case "kind":
        return sourceKinds;
      case "name":
        return description.includes("chrom") ? ["chrome", "chromium", "edge"] : [];
      default:
        return [];
    }
  };
}

/** What lies in the folder of the workspace that is being typed; folders end in a slash. */
async function inWorkspace(workspace: string, current: string, onlyFolders: boolean): Promise<string[]> {
  const folder = current.endsWith("/") ? current : dirname(current);
  const entries = await readdir(join(workspace, folder), { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !onlyFolders || entry.isDirectory())
    .map((entry) => join(folder, entry.name) + (entry.isDirectory() ? "/" : ""))
    .sort();
}
