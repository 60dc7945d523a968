import { resolve } from "node:path";
import { sandboxOptions } from "../../create-code.js";
import { ownFiles } from "../../own-files.js";
import { describeSandbox, type SandboxReport } from "../../sandbox/describe.js";
import type { Settings } from "../../settings/schema.js";
import type { Check, Finding } from "./check.js";

/** What Python files, and shell commands where they are allowed, would be confined by; and what that does not do. */
export const sandboxCheck: Check = {
  id: "sandbox",
  async look({ settings, cwd }) {
    const workspace = resolve(cwd, settings.workspaceDirectory);
    const reports = await describeSandbox(sandboxOptions(settings, workspace, ownFiles(settings, cwd)));
    return findingOf(
      reports.filter(({ capability }) => capability === "python" || settings.executeLocalCommands),
      settings,
    );
  },
};

function findingOf(reports: readonly SandboxReport[], settings: Settings): Finding {
  const found = reports.map(lineOf).join(" ");
  if (reports.every(({ confined }) => confined)) return { state: "ok", found };
  return {
    state: settings.sandbox === "required" ? "fail" : "warn",
    found,
    advice:
      process.platform === "linux"
        ? "Install bubblewrap, or start Docker and pull PYTHON_IMAGE. For example: apt-get install -y bubblewrap"
        : "Start Docker and pull PYTHON_IMAGE, or install @anthropic-ai/sandbox-runtime.",
  };
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
