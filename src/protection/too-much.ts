import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, parse, resolve } from "node:path";
import { wordList } from "../base/text.js";
import { SettingsError } from "../errors.js";
import { isRepository, isWithin } from "./guarded.js";

/**
 * Throws SettingsError for a real path that is no workspace: the whole machine, a home with all that programs keep there, a folder of
 * the system, or a repository of git itself.
 */
export function refuseTooMuch(real: string): void {
  const what = tooMuchOf(real);
  if (what === null && !isRepository(readdirSync(real))) return;
  throw new SettingsError(
    `The workspace ${real} is ${what ?? "a repository of git itself"}, and the AI would reach everything in it. ` +
      "Name a folder of its own with --workspace-directory (-w).",
  );
}

function tooMuchOf(real: string): string | null {
  if (dirname(real) === real) return "the whole disk";
  if (isWithin(real, resolve(homedir()))) return "your home folder, or above it";
  if (ofKernel().some((folder) => isWithin(folder, real)) && !isWithin("/dev/shm", dirname(real)))
    return "no place for files";
  return ofSystem().has(real.toLowerCase()) ? "a folder of the system" : null;
}

/** What lies here are no files, but for memory that is used as a disk, and folders in that. */
const ofKernel = (): string[] => (process.platform === "win32" ? [] : ["/dev", "/proc", "/sys"]);

/** In lower case. What lies below one of them may be a project: `/usr/src/app`, `/var/www/site`. */
function ofSystem(): ReadonlySet<string> {
  if (process.platform === "win32") return new Set(windowsFolders());
  const mac = process.platform === "darwin" ? macFolders : [];
  return new Set([...unixFolders, ...mac]);
}

const unixFolders = wordList(`
  /bin /boot /efi /etc /home /lib /lib32 /lib64 /libx32 /root /run /sbin /usr /usr/bin /usr/include /usr/lib /usr/lib32 /usr/lib64
  /usr/libexec /usr/local /usr/local/bin /usr/local/lib /usr/local/sbin /usr/sbin /usr/share /var /var/cache /var/lib /var/log
  /var/spool`);

const macFolders = wordList("/applications /library /private /private/etc /private/var /system /users");

/** Of the drive on which homes lie, which is that of the system. */
function windowsFolders(): string[] {
  const { root } = parse(homedir());
  const names = ["Windows", "Windows\\System32", "Program Files", "Program Files (x86)", "ProgramData", "Users"];
  return names.map((name) => join(root, name).toLowerCase());
}
