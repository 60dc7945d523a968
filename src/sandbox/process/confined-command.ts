import type { ProgramLimits } from "../sandbox.js";

/**
 * `sh` sets the system's limits and then becomes the program (`exec`). `-d` limits the memory that a process has for
 * itself; `-v` would stop programs that only reserve addresses. The limit of processes is `-u` in some shells, `-p` in
 * others.
 */
const script =
  'ulimit -c 0; ulimit -f "$1"; ulimit -d "$2" 2>/dev/null; [ "$3" = - ] || { ulimit -u "$3" || ulimit -p "$3"; } 2>/dev/null; shift 3; exec "$@"';

/**
 * The program under limits: `ulimit -f` counts 512 bytes, `-d` counts 1,024. Processes are counted per user, so their
 * limit makes sense only where the program does not share its user with others: `ownUser`.
 */
export const limitedCommand = (
  argv: readonly string[],
  { memory, disk, processes }: ProgramLimits,
  { ownUser }: { ownUser: boolean },
): string[] => [
  "/bin/sh",
  "-c",
  script,
  "sh",
  String(Math.ceil(disk / 512)),
  String(Math.ceil(memory / 1024)),
  ownUser ? String(processes) : "-",
  ...argv,
];

/** What a program inside learns of the environment: nothing that belongs to the user. */
export const plainEnvironment = (home: string): Record<string, string> => ({
  HOME: home,
  LANG: "C.UTF-8",
  TERM: "dumb",
  PYTHONUNBUFFERED: "1",
  PYTHONDONTWRITEBYTECODE: "1",
});
