import { findProgram } from "../base/find-program.js";
import { ask } from "./process/ask-program.js";

/** Which were tried out by this process, and work. */
const proven = new Set<string>();

/** Where bubblewrap is, tried out once; else why it cannot be used here. */
export async function findBubblewrap(
  path: string,
): Promise<{ ok: true; program: string } | { ok: false; problem: string }> {
  if (process.platform !== "linux") return { ok: false, problem: "it is for Linux only" };
  const program = await findProgram("bwrap", path);
  if (program === null) return { ok: false, problem: "it is not installed" };
  if (proven.has(program)) return { ok: true, program };
  const probe = await ask(
    program,
    ["--unshare-all", "--unshare-user", "--disable-userns", "--ro-bind", "/", "/", "--", "/bin/sh", "-c", ":"],
    {},
  );
  if (probe.ok) {
    proven.add(program);
    return { ok: true, program };
  }
  return { ok: false, problem: `it does not work here (${probe.text.split("\n")[0] ?? ""})` };
}
