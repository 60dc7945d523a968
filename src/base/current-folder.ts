import { SettingsError } from "../errors.js";

/** The folder that this process was started in, or null where it has been removed since. */
export function currentFolder(): string | null {
  try {
    return process.cwd();
  } catch {
    return null;
  }
}

/** Throws SettingsError for a folder that is gone: relative paths, `.env` and the state of runs would be nowhere. */
export function requireFolder(folder: string | null): string {
  if (folder !== null) return folder;
  throw new SettingsError("The current folder has been removed. Change to one that exists, and start autogpt again.");
}
