import { randomUUID } from "node:crypto";
import { findProgram } from "../../base/find-program.js";
import { plainEnvironment, limitedCommand } from "../process/confined-command.js";
import { makeControlGroup } from "../process/control-group.js";
import { killEverything } from "../process/ending.js";
import { startGroup } from "../process/process-group.js";
import { SandboxError, type Sandbox } from "../sandbox.js";

/** No confinement: programs can do whatever the user can. They get no keys, and their limits hold. */
export function local({ workspace, path }: { workspace: string; path: string }): Sandbox {
  return {
    backend: "none",
    confined: false,
    offline: false,
    async start([name = "", ...rest], options) {
      const program = await findProgram(name === "/bin/sh" ? "sh" : name, path);
      if (program === null) throw new SandboxError(`There is no ${name} on this machine (it was looked for in PATH).`);
      const marker = `AUTOGPT_PROGRAM=${randomUUID()}`;
      const argv = [program, ...rest];
      const limited = process.platform === "win32" ? argv : limitedCommand(argv, options.limits, { ownUser: false });
      const group = await makeControlGroup(options.limits);
      const [command = "", ...args] = group ? group.entering(limited) : limited;
      return startGroup({
        ...options,
        command,
        args,
        environment: { PATH: path, ...plainEnvironment(workspace), AUTOGPT_PROGRAM: marker.split("=")[1] ?? "" },
        cwd: workspace,
        workspace,
        marker,
        lastWill: (pid) => killEverything(pid, marker, group?.members ?? []),
        lackedMemory: () => group?.lackedMemory(),
        after: async () => group?.close(),
      });
    },
  };
}
