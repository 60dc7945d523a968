import { findInEnvironment } from "../../speech/player.js";
import type { Fix, DoctorContext } from "./check.js";

/** How a package is installed with what this machine has; null where that is not known. */
export async function installFix(
  { environment, platform }: DoctorContext,
  packageName: string,
): Promise<(Fix & { command: string }) | null> {
  const installers: [program: string, command: string][] = [
    ["apt-get", `apt-get install -y ${packageName}`],
    ["dnf", `dnf install -y ${packageName}`],
    ["brew", `brew install ${packageName}`],
  ];
  for (const [program, command] of installers) {
    if ((await findInEnvironment(program, { environment, platform })) !== null) return { command };
  }
  return null;
}

/** An advice with the command that follows it, where one command does that on this machine. */
export function withInstall(
  advice: string,
  fix: (Fix & { command: string }) | null,
): { advice: string; fixes?: Fix[] } {
  return fix === null ? { advice } : { advice: `${advice} For example: ${fix.command}`, fixes: [fix] };
}
