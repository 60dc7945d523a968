import { setting } from "../setting.js";
import { choice, names, networkAccess, number, size, text, truth, wholeNumber } from "../value-types.js";

const shell = "Shell commands";
const sandbox = "Running code";

/** Where code runs, what it may use, and which shell commands there are. */
export const codeSettings = {
  shellCommandControl: setting({
    group: shell,
    environment: ["SHELL_COMMAND_CONTROL"],
    type: choice("allowlist", "denylist", "off"),
    example: "denylist",
    help: "Which list holds for shell commands: allowlist, denylist, or off (the sandbox alone)",
  }),
  shellAllowlist: setting({
    group: shell,
    environment: ["SHELL_ALLOWLIST"],
    type: names(),
    example: "ls,cat,sort",
    help: "Shell commands that may be run, none else, with commas between them",
  }),
  shellDenylist: setting({
    group: shell,
    environment: ["SHELL_DENYLIST"],
    type: names(),
    example: "sudo,su",
    help: "Shell commands that may not be run; sudo and su unless set",
  }),
  allowUnsandboxedShell: setting({
    group: shell,
    environment: ["ALLOW_UNSANDBOXED_SHELL"],
    type: truth(),
    default: false,
    help: "Dangerous: in continuous mode, code may run although nothing confines it; checks of goals may, too",
  }),
  sandbox: setting({
    group: sandbox,
    environment: ["SANDBOX"],
    type: choice("auto", "required", "docker", "bubblewrap", "sandbox-runtime", "pyodide", "none"),
    default: "auto",
    help: "What confines code: auto, required (never unconfined), docker, bubblewrap, sandbox-runtime, pyodide, none",
  }),
  sandboxNetwork: setting({
    group: sandbox,
    environment: ["SANDBOX_NETWORK"],
    type: networkAccess(),
    default: "off",
    help: "Network for code: off, on, or hosts with commas between them (these need sandbox-runtime)",
  }),
  pythonImage: setting({
    group: sandbox,
    environment: ["PYTHON_IMAGE"],
    type: text("the name of an image"),
    default: "python:3-alpine",
    help: "Image for docker; it has to be there already",
  }),
  executionTimeout: setting({
    group: sandbox,
    environment: ["EXECUTION_TIMEOUT"],
    type: number(0.1, 86_400),
    default: 120,
    help: "Seconds that a script or a shell command may run",
  }),
  sandboxMemoryLimit: setting({
    group: sandbox,
    environment: ["SANDBOX_MEMORY_LIMIT"],
    type: size(),
    default: "1G",
    help: "Memory that code may use: 500M, 1G",
  }),
  sandboxDiskLimit: setting({
    group: sandbox,
    environment: ["SANDBOX_DISK_LIMIT"],
    type: size(),
    default: "1G",
    help: "What code may add to the disk: 500M, 1G",
  }),
  sandboxProcessLimit: setting({
    group: sandbox,
    environment: ["SANDBOX_PROCESS_LIMIT"],
    type: wholeNumber(1),
    default: 64,
    help: "Processes that code may start",
  }),
  sandboxOutputLimit: setting({
    group: sandbox,
    environment: ["SANDBOX_OUTPUT_LIMIT"],
    type: size(),
    default: "64K",
    help: "How much of its output is kept; the middle of more is left out",
  }),
};
