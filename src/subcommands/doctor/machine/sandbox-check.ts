import { mkdtemp, readdir, realpath, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCode, sandboxOptions, ownFiles } from "../../../compose/code.js";
import { messageOf } from "../../../errors.js";
import { allChecks } from "../../../goals/index.js";
import { prepareGoals, refuseUnrunnable } from "../../../goals/prepare.js";
import type { Goal } from "../../../history/goals.js";
import { describeSandbox, type SandboxReport } from "../../../sandbox/describe.js";
import { readAiSettings } from "../../../settings/ai/ai-settings.js";
import type { DoctorCheck, DoctorContext } from "../check.js";
import { installFix, withInstall } from "../install.js";

/** What confines Python and shell commands, what stays open, and whether the goals' own commands can be run. */
export const sandboxCheck: DoctorCheck = {
  id: "sandbox",
  async look(context) {
    return inWorkspace(context, async (workspace) => {
      const { settings, cwd, environment } = context;
      const own = ownFiles(settings, cwd);
      const path = environment["PATH"] ?? "";
      const reports = await describeSandbox({ ...sandboxOptions(settings, workspace, own), path });
      const needed = reports.filter(({ capability }) => capability === "python" || settings.executeLocalCommands);
      const found = described(needed);
      const problem = await problemWithGoals(context, workspace);
      if (problem !== null) return { state: "fail", found: problem, ...(await cure(context)) };
      const confined = needed.every((report) => report.backend !== null && report.confined);
      return confined ? { state: "ok", found } : { state: "warn", found, ...(await cure(context)) };
    });
  },
};

/** A run makes its workspace at the start; here an empty folder stands for one that is not there yet. */
async function inWorkspace<Given>(
  { settings }: DoctorContext,
  look: (workspace: string) => Promise<Given>,
): Promise<Given> {
  const root = settings.workspaceDirectory;
  const there = await readdir(root).then(
    () => realpath(root),
    () => null,
  );
  if (there !== null) return look(there);
  const empty = await realpath(await mkdtemp(join(tmpdir(), "autogpt-doctor-")));
  try {
    return await look(empty);
  } finally {
    await rmdir(empty);
  }
}

/** A backend that was chosen by name may be the wrong one. */
const cure = async (context: DoctorContext) =>
  ["auto", "required"].includes(context.settings.sandbox)
    ? withInstall("Install bubblewrap (Linux) or start Docker.", await installFix(context, "bubblewrap"))
    : { advice: "Set SANDBOX=auto: it takes whatever confines code here.", fixes: [{ setting: "SANDBOX=auto" }] };

const described = (reports: readonly SandboxReport[]): string =>
  reports
    .map(({ capability, backend, protects, gaps, tried }) => {
      const what = capability === "python" ? "Python files" : "shell commands";
      const reasons = tried.map((each) => `${each.backend}: ${each.problem}`).join("; ");
      if (backend === null) return `${what}: nothing can run them (${reasons})`;
      return `${what}: ${backend}. ${protects} Open: ${gaps.join("; ")}.${reasons === "" ? "" : ` (${reasons})`}`;
    })
    .join(" ");

/** A run does not start where a check of its goals cannot be carried out. */
async function problemWithGoals({ settings, cwd }: DoctorContext, workspace: string): Promise<string | null> {
  const ai = await readAiSettings(settings.aiSettingsFile, allChecks).catch(() => null);
  if (ai === null) return null;
  const code = createCode(settings, workspace, ownFiles(settings, cwd));
  try {
    await refuseUnrunnable(prepareGoals(ai.goals.map(withoutOthers), allChecks), allChecks, code.problemWithChecks);
    return null;
  } catch (thrown) {
    return messageOf(thrown);
  } finally {
    await code.close();
  }
}

/** Doctor loads no extensions: of a goal's checks, the built-in ones are looked at. */
const withoutOthers = ({ goal, checks }: Goal): Goal => ({
  goal,
  checks: checks.filter((check) => allChecks.some(({ name }) => name in check)),
});
