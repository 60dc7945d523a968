import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import { SettingsError } from "../errors.js";
import { isRepository, isWithin } from "./guarded.js";

/** Throws SettingsError for a real path that is no workspace: the whole machine, or a home with all that programs keep there. */
export function refuseTooMuch(real: string): void {
  const home = resolve(homedir());
  const what =
    dirname(real) === real ? "the whole disk" : isWithin(real, home) ? "your home folder, or above it" : null;
  if (what === null && !isRepository(readdirSync(real))) return;
  throw new SettingsError(
    `The workspace ${real} is ${what ?? "a repository of git itself"}, and the AI would reach everything in it. ` +
      "Name a folder of its own with --workspace-directory (-w).",
  );
}
