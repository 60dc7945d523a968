import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Place } from "../../protection/places.js";
import { placesOf } from "../guard-places.js";
import { plainEnvironment } from "../process/confined-command.js";
import { startGroup } from "../process/process-group.js";
import { ask } from "../process/ask-program.js";
import type { LaunchOptions, Sandbox } from "../sandbox.js";

export type DockerOptions = {
  program: string;
  image: string;
  workspace: string;
  network: boolean;
  /** What the docker client itself may know: where its engine is. */
  environment: Readonly<Record<string, string>>;
};

const inside = "/workspace";
/** How long a container may take to start, in seconds. */
const preparation = 60;

/** A container that is removed when the program ends. The engine and the image must be there: nothing is pulled. */
export function docker(options: DockerOptions): Sandbox {
  return {
    backend: "docker",
    confined: true,
    offline: !options.network,
    async start(argv, launch) {
      const name = `autogpt-${randomUUID()}`;
      const { program, environment, workspace } = options;
      return startGroup({
        ...launch,
        command: program,
        args: [...containerFlags(options, name, launch), ...announced(argv)],
        environment,
        cwd: "/",
        workspace,
        announcement: { seconds: preparation, line: begun },
        lastWill: (pid) => ["sh", "-c", '"$1" kill "$2"; kill -s KILL -- "-$3"', "sh", program, name, String(pid)],
        end: async () => void (await ask(program, ["kill", name], environment)),
      });
    },
  };
}

const begun = "autogpt-program-begins";

/** Docker passes no fourth stream into a container, so it announces the program on its error stream. */
const announced = (argv: readonly string[]): string[] => [
  "/bin/sh",
  "-c",
  `echo ${begun} >&2; exec "$@"`,
  "sh",
  ...argv,
];

function containerFlags({ image, workspace, network }: DockerOptions, name: string, launch: LaunchOptions): string[] {
  const { limits } = launch;
  const variables = Object.entries(plainEnvironment("/tmp")).map(([key, value]) => ["--env", `${key}=${value}`]);
  const flags: string[][] = [
    ["--rm"],
    ["--init"],
    ["--name", name],
    ["--pull", "never"],
    process.getuid ? ["--user", `${process.getuid()}:${process.getgid?.()}`] : [],
    ...variables,
    ["--network", network ? "bridge" : "none"],
    ["--read-only"],
    ["--tmpfs", `/tmp:size=${limits.memory}`],
    ["--cap-drop", "ALL"],
    ["--security-opt", "no-new-privileges"],
    ["--pids-limit", String(limits.processes)],
    ["--memory", String(limits.memory)],
    ["--memory-swap", String(limits.memory)],
    ["--ulimit", "core=0"],
    ["--ulimit", `fsize=${limits.disk}`],
    ["--volume", `${workspace}:${inside}`],
    ...placesOf(launch).map((place) => mountOf(place, workspace)),
    ["--workdir", inside],
  ];
  return ["run", ...flags.flat(), image];
}

/** What is hidden is covered by something empty, what can only be read by itself. */
function mountOf({ path, access, kind }: Place, workspace: string): string[] {
  const covered = quoted(`destination=${inside}/${path}`);
  if (access === "hidden" && kind === "folder") return ["--mount", `type=tmpfs,${covered},tmpfs-mode=0555`];
  const source = access === "hidden" ? "/dev/null" : join(workspace, path);
  return ["--mount", `type=bind,${quoted(`source=${source}`)},${covered},readonly`];
}

/** Docker reads a mount as a line of CSV. */
const quoted = (field: string): string => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
