import { spawn } from "node:child_process";
import { once } from "node:events";
import { keepOutput } from "./output.js";

/** How long such a program may take. */
const limitMs = 5_000;

/** Runs a program that answers a question about this machine: whether it succeeded, and what it said. */
export async function ask(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  timeout = limitMs,
): Promise<{ ok: boolean; text: string }> {
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"], windowsHide: true, timeout });
  const output = keepOutput(4_000);
  child.stdout.on("data", output.add);
  child.stderr.on("data", output.add);
  try {
    const [code] = (await once(child, "close")) as [number | null];
    return { ok: code === 0, text: output.text().trim() };
  } catch (thrown) {
    return { ok: false, text: String(thrown) };
  }
}
