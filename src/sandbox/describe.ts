import { chooseSandbox, type ChooseOptions } from "./choose.js";
import type { Capability, BackendName } from "./sandbox.js";

/** What runs Python or the shell here, what it protects from, and what it does not. `backend` is null where nothing runs it. */
export type SandboxReport = {
  capability: Capability;
  backend: BackendName | null;
  confined: boolean;
  protects: string;
  gaps: readonly string[];
  /** The backends that were looked at before, and why they were not taken. */
  tried: readonly { backend: BackendName; problem: string }[];
};

const ownPlace = "Files outside the workspace, the environment and other processes cannot be reached";
const kernel = "A bug in the system's kernel would be a way out";
const workspaceOpen = "Everything in the workspace can be read, changed and deleted";

const protection: Record<BackendName, { protects: string; gaps: readonly string[] }> = {
  docker: {
    protects: `${ownPlace}; the system's own files are those of the image.`,
    gaps: [workspaceOpen, kernel, "This backend has not been tried against a real Docker engine by its authors"],
  },
  bubblewrap: {
    protects: `${ownPlace}; of the system, /usr can be read, and nothing else exists.`,
    gaps: [
      workspaceOpen,
      kernel,
      "Memory and processes are limited for each user; only for root they are limited for the sandbox as a whole",
    ],
  },
  "sandbox-runtime": {
    protects: "Files outside the workspace cannot be written, homes cannot be read, and only named hosts are reached.",
    gaps: [workspaceOpen, kernel, "The system's own files can be read", "It is a young program (before version 1)"],
  },
  pyodide: {
    protects: `${ownPlace}. Python is compiled to WebAssembly, and runs in a Node process without rights to files, processes and network.`,
    gaps: [
      workspaceOpen,
      "Node's permission model does not hold against a bug in Node itself",
      "Links that lead out of the workspace are looked for before the start, and followed when one is made during it by another program",
      "Memory is limited for Python itself; what else the process uses is watched on Linux only",
    ],
  },
  none: {
    protects: "Nothing is confined. Programs learn no keys, and end with their time limit.",
    gaps: ["Everything"],
  },
};

const untried = "It has been tried on Linux only";

/** Chooses sandboxes as a run would, and says for `doctor` what would confine code on this machine. */
export async function describeSandbox(options: ChooseOptions): Promise<SandboxReport[]> {
  const reports: SandboxReport[] = [];
  for (const capability of ["python", "shell"] as const) {
    const { sandbox, tried } = await chooseSandbox(capability, options);
    const facts = sandbox ? protection[sandbox.backend] : { protects: "Nothing can be run.", gaps: [] };
    const gaps = [...facts.gaps, ...(process.platform === "linux" || !sandbox ? [] : [untried])];
    const { backend = null, confined = false } = sandbox ?? {};
    reports.push({ capability, backend, confined, ...facts, gaps, tried });
  }
  return reports;
}
