import { mkdir, rm, stat, statfs, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf } from "../../../errors.js";
import type { DoctorCheck, Finding } from "../check.js";
import { shellQuoted } from "../../../base/text.js";

const scarce = 500e6;
const tooLittle = 20e6;

/** Whether the program's own folder and the workspace can be written, and how much room is left. */
export const diskCheck: DoctorCheck = {
  id: "disk",
  async look({ settings }) {
    for (const folder of [settings.home, settings.workspaceDirectory]) {
      const problem = await writeProblem(folder);
      if (problem !== null) return unwritable(folder, problem);
    }
    const { bavail, bsize } = await statfs(settings.home);
    const free = bavail * bsize;
    const found = `${(free / 1e9).toFixed(1)} GB free; ${settings.home} and ${settings.workspaceDirectory} can be written`;
    if (free >= scarce) return { state: "ok", found };
    return {
      state: free < tooLittle ? "fail" : "warn",
      found,
      advice: "Make room: a run writes journal, memory and files.",
    };
  },
};

/** Writes a small file there and removes it. A folder that is not there yet is made, as a run would do. */
async function writeProblem(folder: string): Promise<string | null> {
  const probe = join(folder, `.doctor-${process.pid}`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(probe, "written by autogpt doctor\n");
    return null;
  } catch (thrown) {
    return messageOf(thrown);
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}

async function unwritable(folder: string, problem: string): Promise<Finding> {
  const command = await remedy(folder);
  const advice = command === null ? "Name another folder." : `Give yourself the right to write there: ${command}`;
  return {
    state: "fail",
    found: `${folder} cannot be written: ${problem}`,
    advice,
    ...(command && { fixes: [{ command }] }),
  };
}

/** The command that lets the folder be written: moves a file away that has its name, or gives the right to write. */
async function remedy(folder: string): Promise<string | null> {
  for (const path of [folder, dirname(folder)]) {
    const found = await stat(path).catch(() => null);
    if (found === null) continue;
    return found.isDirectory()
      ? `chmod u+rwx ${shellQuoted(path)}`
      : `mv ${shellQuoted(path)} ${shellQuoted(`${path}.old`)}`;
  }
  return null;
}
