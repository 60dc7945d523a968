import { join } from "node:path";
import { homeFolder, userFolder } from "../../base/folders/user-folder.js";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The file that keeps which extensions the user trusts. It lies in the user's own folder for state, and not in that of a
 * project: a project from a stranger could bring it along.
 */
export const trustFile = (environment: Environment = process.env): string =>
  join(userFolder("state", environment), "trusted-extensions.json");

/** The list of folders in which runs of this user are kept. */
export const homesFile = (environment: Environment = process.env): string =>
  join(userFolder("state", environment), "folders-with-runs.jsonl");

/** The folders in which the user keeps skills for all projects: our own before the one that other programs look into, too. */
export const userSkillFolders = (environment: Environment = process.env): string[] => [
  join(userFolder("config", environment), "skills"),
  join(homeFolder(environment), ".agents", "skills"),
];
