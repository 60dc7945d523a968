import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { repository, temporaryFolder } from "../support/program.js";

/** A copy of all that the build needs, with links to the installed packages; `own` are copied, to be changed. */
export async function copyOfRepository(t: TestContext, own: readonly string[] = []): Promise<string> {
  const copy = await temporaryFolder(t);
  for (const part of ["bin", "build", "src", "package.json"])
    cpSync(join(repository, part), join(copy, part), { recursive: true });
  const [from, to] = [join(repository, "node_modules"), join(copy, "node_modules")];
  if (own.length === 0) {
    symlinkSync(from, to);
    return copy;
  }
  mkdirSync(to);
  for (const name of readdirSync(from)) symlinkSync(join(from, name), join(to, name));
  for (const name of own) {
    rmSync(join(to, name));
    cpSync(join(from, name), join(to, name), { recursive: true });
  }
  return copy;
}

export type Ran = { code: number | null; output: string };

/** Runs a script by Node and collects what it says, on both outputs. */
export async function runNode(args: readonly string[], cwd = dirname(args[0] ?? ".")): Promise<Ran> {
  const child = spawn(process.execPath, args, { cwd, env: { PATH: process.env["PATH"] ?? "" } });
  let output = "";
  const hear = (text: string): void => void (output += text);
  child.stdout.setEncoding("utf8").on("data", hear);
  child.stderr.setEncoding("utf8").on("data", hear);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}
