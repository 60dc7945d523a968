import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Place } from "../../protection/places.js";
import { placesOf } from "../guard-places.js";
import { plainEnvironment, limitedCommand } from "../process/confined-command.js";
import { makeControlGroup } from "../process/control-group.js";
import { startGroup } from "../process/process-group.js";
import type { Sandbox } from "../sandbox.js";
import { shellQuoted } from "../../base/text.js";

/** The part of @anthropic-ai/sandbox-runtime that is used here. The package is no dependency: whoever wants it installs it. */
export type SandboxRuntime = {
  initialize(config: unknown): Promise<void>;
  isSupportedPlatform(): boolean;
  checkDependencies(): { errors: string[] };
  wrapWithSandbox(command: string, shell?: string, config?: unknown): Promise<string>;
  cleanupAfterCommand(): void;
  reset(): Promise<void>;
};

export type SandboxRuntimeOptions = {
  runtime: SandboxRuntime;
  workspace: string;
  /** Files and folders that do not exist inside. */
  hidden: readonly string[];
  /** Names of hosts that may be reached. */
  hosts: readonly string[];
  path: string;
};

/** Folders that may not be read: of users, services and the system itself. */
const privatePlaces = ["/home", "/root", "/Users", "/srv", "/mnt", "/media", "/run", "/var", "/etc/shadow", "/etc/ssh"];
const packageName = "@anthropic-ai/sandbox-runtime";

/** The package where it is installed and works on this machine; otherwise why not. */
export async function findSandboxRuntime(): Promise<SandboxRuntime | string> {
  let runtime: SandboxRuntime;
  try {
    // The name is written out, because the bundler finds imports by their text.
    runtime = (await import("@anthropic-ai/sandbox-runtime")).SandboxManager;
  } catch {
    return `${packageName} is not installed`;
  }
  if (!runtime.isSupportedPlatform()) return `${packageName} does not know this system`;
  const { errors } = runtime.checkDependencies();
  return errors.length === 0 ? runtime : `${packageName} lacks ${errors.join(", ")}`;
}

/** Confined by @anthropic-ai/sandbox-runtime: by bubblewrap on Linux, by the system itself on macOS; hosts by a proxy. */
export function sandboxRuntime(options: SandboxRuntimeOptions): Sandbox {
  const { runtime, workspace, path } = options;
  let ready: Promise<void> | null = null;
  return {
    backend: "sandbox-runtime",
    confined: true,
    offline: options.hosts.length === 0,
    close: async () => (ready === null ? undefined : runtime.reset()),
    async start(argv, launch) {
      await (ready ??= runtime.initialize(configuration(options)));
      const limited = limitedCommand(argv, launch.limits, { ownUser: false });
      const confined = await runtime.wrapWithSandbox(
        limited.map(shellQuoted).join(" "),
        undefined,
        configuration(options, placesOf(launch)),
      );
      const group = await makeControlGroup(launch.limits);
      const [command = "", ...args] = group ? group.entering(["/bin/sh", "-c", confined]) : ["/bin/sh", "-c", confined];
      return startGroup({
        ...launch,
        command,
        args,
        environment: { PATH: path, ...plainEnvironment("/tmp") },
        cwd: workspace,
        workspace,
        lackedMemory: () => group?.lackedMemory(),
        async after() {
          await group?.close();
          runtime.cleanupAfterCommand();
        },
      });
    },
  };
}

function configuration({ workspace, hidden, hosts }: SandboxRuntimeOptions, places: readonly Place[] = []) {
  const named = (access: Place["access"]): string[] =>
    places.filter((place) => place.access === access).map(({ path }) => join(workspace, path));
  const [out, kept] = [[...hidden, ...named("hidden")], named("read-only")];
  return {
    network: { allowedDomains: [...hosts], deniedDomains: [] },
    filesystem: {
      denyRead: [...privatePlaces, homedir(), ...out],
      // On Linux, a program of the package's own runs inside.
      allowRead: [workspace, ...packagePlace()],
      allowWrite: [workspace],
      denyWrite: [...out, ...kept],
    },
  };
}

function packagePlace(): string[] {
  try {
    return [realpathSync(dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`)))];
  } catch {
    return [];
  }
}
