import { resolve } from "node:path";
import { sandboxOptions } from "../../create-code.js";
import { ownFiles } from "../../create-workspace.js";
import { findProgram } from "../../sandbox/find-program.js";
import { describeSandbox, type SandboxReport } from "../../sandbox/describe.js";
import type { Check, Finding, Patient } from "./check.js";

/** What Python files, and shell commands where they are allowed, would be confined by; and what that does not do. */
export const sandboxCheck: Check = {
  id: "sandbox",
  async look(patient) {
    const { settings, cwd } = patient;
    const workspace = resolve(cwd, settings.workspaceDirectory);
    const reports = await describeSandbox(sandboxOptions(settings, workspace, ownFiles(settings, cwd)));
    return findingOf(
      reports.filter(({ capability }) => capability === "python" || settings.executeLocalCommands),
      patient,
    );
  },
};

async function findingOf(reports: readonly SandboxReport[], { settings, environment }: Patient): Promise<Finding> {
  const found = reports.map(lineOf).join(" ");
  if (reports.every(({ confined }) => confined)) return { state: "ok", found };
  const state = settings.sandbox === "required" ? "fail" : "warn";
  if (settings.sandbox === "none")
    return { state, found, advice: "Set SANDBOX=auto.", fixes: [{ setting: "SANDBOX=auto" }] };
  const advice = "Install bubblewrap (Linux), or start Docker and pull PYTHON_IMAGE.";
  if ((await findProgram("apt-get", environment["PATH"] ?? "")) === null) return { state, found, advice };
  const command = "apt-get install -y bubblewrap";
  return { state, found, advice: `${advice} For example: ${command}`, fixes: [{ command }] };
}

const names = { python: "Python files", shell: "shell commands" };

function lineOf({ capability, maker, protects, gaps, tried }: SandboxReport): string {
  const passedOver = tried.map((one) => `${one.maker}: ${one.problem}`).join("; ");
  const why = passedOver === "" ? "" : ` Not taken: ${passedOver}.`;
  if (maker === null) return `${names[capability]} cannot be run.${why}`;
  const open = gaps.length === 0 ? "" : ` It does not protect from this: ${gaps.join("; ")}.`;
  const where = maker === "none" ? "run on this machine" : `run in ${maker}`;
  return `${names[capability]} ${where}. ${protects}${open}${why}`;
}
