import { homedir } from "node:os";
import { join } from "node:path";

const name = "trusted-extensions.json";

/**
 * The file that keeps which extensions the user trusts. It lies in the user's own folder for state, and not in that of a
 * project: one from a stranger could bring it along.
 */
export function trustFile(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const { XDG_STATE_HOME: state, LOCALAPPDATA: local } = environment;
  if (process.platform === "win32" && local) return join(local, "autogpt", name);
  return join(state?.startsWith("/") ? state : join(homedir(), ".local", "state"), "autogpt", name);
}
