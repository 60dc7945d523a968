import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The file that keeps which extensions the user trusts. It lies in the user's own folder for state, and not in that of a
 * project: a project from a stranger could bring it along.
 */
export const trustFile = (environment: Environment = process.env): string =>
  userStateFile("trusted-extensions.json", environment);

/** The list of folders in which runs of this user are kept. */
export const homesFile = (environment: Environment = process.env): string =>
  userStateFile("folders-with-runs.jsonl", environment);

function userStateFile(name: string, environment: Environment): string {
  const { HOME: home = homedir(), LOCALAPPDATA: local, XDG_STATE_HOME: state } = environment;
  if (process.platform === "win32" && local) return join(local, "autogpt", name);
  return join(state && isAbsolute(state) ? state : join(home, ".local", "state"), "autogpt", name);
}
