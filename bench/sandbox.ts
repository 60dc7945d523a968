import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { noProtection } from "../src/protection/guarded.js";
import { chooseSandbox } from "../src/sandbox/choose.js";
import type { ProgramLimits, BackendName } from "../src/sandbox/sandbox.js";

const limits: ProgramLimits = { seconds: 60, memory: 2 ** 30, processes: 64, disk: 2 ** 30, output: 64 * 1024 };
const launches = 20;

/** Prints what confinement costs for each launch, against a plain spawn of the same program. */
export async function benchSandbox(): Promise<void> {
  const workspace = await mkdtemp(join(tmpdir(), "autogpt-bench-"));
  const cache = join(tmpdir(), "autogpt-test-pyodide");
  try {
    await writeFile(join(workspace, "main.py"), "print('hi')\n");
    const shell = ["/bin/sh", "-c", "echo hi"];
    const python = ["python3", "main.py"];
    console.log(
      `plain spawn: sh ${await median(() => plain(shell, workspace))}, python3 ${await median(() => plain(python, workspace))}`,
    );
    for (const wanted of ["none", "bubblewrap", "pyodide"] satisfies BackendName[]) {
      const open = async (can: "python" | "shell") =>
        (
          await chooseSandbox(can, {
            ...{
              wanted,
              workspace,
              cache,
              forbidden: [],
              program: [],
              protection: noProtection,
              takenFolder: join(cache, "taken"),
              network: false,
              image: "",
              dockerEnvironment: {},
            },
            path: process.env["PATH"] ?? "",
          })
        ).sandbox;
      const cost = async (can: "python" | "shell", argv: string[]): Promise<string> => {
        const sandbox = await open(can);
        if (sandbox === null) return "not here";
        const run = async (): Promise<void> => {
          const signal = new AbortController().signal;
          await (
            await sandbox.start(argv, { limits, signal })
          ).ended;
        };
        await run();
        return median(run, wanted === "pyodide" ? 5 : launches);
      };
      console.log(`${wanted}: sh ${await cost("shell", shell)}, python3 ${await cost("python", python)}`);
    }
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

async function plain([command = "", ...args]: readonly string[], cwd: string): Promise<void> {
  const child = spawn(command === "python3" ? "/usr/bin/python3" : command, args, {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.resume();
  child.stderr.resume();
  await once(child, "close");
}

async function median(act: () => Promise<void>, times = launches): Promise<string> {
  const taken: number[] = [];
  for (let round = 0; round < times; round++) {
    const startedAt = performance.now();
    await act();
    taken.push(performance.now() - startedAt);
  }
  taken.sort((one, other) => one - other);
  return `${(taken[Math.floor(times / 2)] ?? 0).toFixed(1)} ms`;
}
