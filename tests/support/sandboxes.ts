import { join } from "node:path";
import { bubblewrap } from "../../src/sandbox/backends/bubblewrap.js";
import { findProgram } from "../../src/base/find-program.js";
import { findPyodide, pyodide } from "../../src/sandbox/backends/pyodide/index.js";
import type { Ended, ProgramLimits, Sandbox } from "../../src/sandbox/sandbox.js";
import { repository } from "./program.js";
import {
  bubblewrap as bubblewrapService,
  needsPrograms,
  systemPython,
  type Surroundings,
} from "./services/services.js";

export const limits: ProgramLimits = {
  seconds: 20,
  memory: 512 * 1024 * 1024,
  processes: 32,
  disk: 40 * 1024 * 1024,
  output: 64 * 1024,
};

/** Tests share what makes Pyodide start quickly: to make it takes three seconds. */
export const pyodideCache = join(repository, "node_modules", ".cache", "autogpt-tests", "pyodide");

/** A sandbox of this kind for a workspace; null where this machine cannot have it, which the test then says. */
export async function sandboxOf(
  t: Pick<Surroundings, "skip">,
  backend: "bubblewrap" | "pyodide",
  workspace: string,
): Promise<Sandbox | null> {
  if (backend === "bubblewrap") {
    if (!(await needsPrograms(t, bubblewrapService, systemPython))) return null;
    const program = await findProgram("bwrap", process.env["PATH"] ?? "");
    return bubblewrap({ program: program ?? "", workspace, network: false });
  }
  const folder = await findPyodide();
  if (folder !== null) return pyodide({ folder, workspace, cache: pyodideCache });
  if (process.env["CI"]) throw new Error("needs the package pyodide");
  t.skip("needs the package pyodide");
  return null;
}

/** Runs a program to its end, under these limits. */
export async function runIn(
  sandbox: Sandbox,
  argv: readonly string[],
  changed: Partial<ProgramLimits> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Ended> {
  return (await sandbox.start(argv, { limits: { ...limits, ...changed }, signal })).ended;
}
