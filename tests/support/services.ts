import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { TestContext } from "node:test";

/** A program that some tests need, and the Debian package that brings it. */
export type Service = { program: string; package: string };

export const bubblewrap: Service = { program: "bwrap", package: "bubblewrap" };
export const systemPython: Service = { program: "python3", package: "python3" };
export const socat: Service = { program: "socat", package: "socat" };
export const ripgrep: Service = { program: "rg", package: "ripgrep" };

const places = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin", "/usr/sbin", "/usr/local/bin"];
const isThere = ({ program }: Service): boolean => places.some((folder) => existsSync(join(folder, program)));

/** Others may be installing at the same time, so each try waits for the lock. */
function install(services: readonly Service[]): void {
  if (!existsSync("/etc/debian_version") || process.getuid?.() !== 0) return;
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args: string[]): boolean =>
    spawnSync("apt-get", ["-qq", "-o", "DPkg::Lock::Timeout=120", ...args], { env: environment, stdio: "ignore" })
      .status === 0;
  const names = services.map((service) => service.package);
  if (!apt("install", "-y", ...names)) {
    apt("update");
    apt("install", "-y", ...names);
  }
}

/**
 * Whether these programs are on this machine; on Debian as root, what is missing is installed first. Otherwise the test
 * is skipped and says what it needs; with CI set, that is a failure.
 */
export function hasServices(t: Pick<TestContext, "skip">, ...services: Service[]): boolean {
  const wanting = services.filter((service) => !isThere(service));
  if (wanting.length > 0) install(wanting);
  const missing = wanting.filter((service) => !isThere(service)).map(({ program }) => program);
  if (missing.length === 0) return true;
  const message = `needs ${missing.join(", ")}, which is not on this machine`;
  if (process.env["CI"]) throw new Error(message);
  t.skip(message);
  return false;
}
