import { spawn } from "node:child_process";
import { firstEvent } from "../../base/waiting/first-event.js";
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
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"], windowsHide: true });
  const output = keepOutput(4_000);
  child.stdout.on("data", output.add);
  child.stderr.on("data", output.add);
  try {
    return await firstEvent(
      child,
      {
        close: (code: number | null) => ({ ok: code === 0, text: output.text().trim() }),
        error: (thrown: Error) => ({ ok: false, text: String(thrown) }),
      },
      { ms: timeout, late: () => ({ ok: false, text: `it did not answer within ${timeout / 1000} seconds` }) },
    );
  } finally {
    child.on("error", () => undefined);
    child.kill("SIGKILL");
    // What it started may still hold them, and would keep this process alive.
    for (const stream of [child.stdout, child.stderr]) stream.destroy();
  }
}
