import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

const name = "trusted-extensions.json";

/**
 * The file that keeps which extensions the user trusts. It lies in the user's own folder for state, and not in that of a
 * project: a project from a stranger could bring it along.
 */
export function trustFile(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const { HOME: home = homedir(), LOCALAPPDATA: local, XDG_STATE_HOME: state } = environment;
  if (process.platform === "win32" && local) return join(local, "autogpt", name);
  return join(state && isAbsolute(state) ? state : join(home, ".local", "state"), "autogpt", name);
}
