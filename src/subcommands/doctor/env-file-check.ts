import { stat } from "node:fs/promises";
import { nullIfMissing } from "../../base/system-error.js";
import { isOpenToGit } from "../../settings/environment/git-ignored.js";
import { readEnvFile } from "../../settings/environment/env-file.js";
import { secretsIn } from "../../settings/environment/secrets.js";
import type { DoctorCheck, Fix } from "./check.js";

/** Files of settings with a key in them that others can read, or that Git would take. */
export const envFileCheck: DoctorCheck = {
  id: "env-file",
  async look({ loaded: { files }, platform }) {
    const found: string[] = [];
    const advice: string[] = [];
    const fixes: Fix[] = [];
    for (const file of new Set([files.project, files.user])) {
      const stats = await stat(file).catch(nullIfMissing);
      if (!stats?.isFile() || secretsIn((await readEnvFile(file, file)).values).length === 0) continue;
      if (platform !== "win32" && (stats.mode & 0o077) !== 0) {
        const command = `chmod 600 ${/^[\w@%+:,./~-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`}`;
        found.push(`${file} holds a key, and others can read it`);
        advice.push(`Run: ${command}`);
        fixes.push({ command });
      }
      if (await isOpenToGit(file)) {
        found.push(`${file} holds a key, and Git would take it`);
        advice.push("Add .env to .gitignore.");
      }
    }
    if (found.length === 0) return { state: "ok", found: "no key lies open in a file of settings" };
    return { state: "warn", found: found.join("; "), advice: advice.join(" "), fixes };
  },
};
