/** Set in the environment of MCP servers that a run has started: one of them that is this program itself starts no runs. */
export const startedByRun = "AUTOGPT_STARTED_BY_RUN";

/** Set in the environment of a run that is to end when the program that has started it does, even by a kill: their channel tells. */
export const endsWithParent = "AUTOGPT_ENDS_WITH_PARENT";

/** Set in the environment of a run that another agent has asked for: the id of the process that serves it. */
const askedForByAgent = "AUTOGPT_ASKED_FOR_BY_AGENT";

/** What a process that starts such a run sets. Programs that the run starts inherit it, and mean nothing by it: their parent is another. */
export const askingForAgent = (pid: number): Readonly<Record<string, string>> => ({ [askedForByAgent]: String(pid) });

/** Whether the program was started for another agent. */
export const isAskedForByAgent = (environment: Readonly<Record<string, string | undefined>>): boolean =>
  environment[askedForByAgent] === String(process.ppid);

/** Set in the environment of a run that a worker of a fleet has started: the run's name there. Their channel keeps a copy of its journal. */
export const runOfFleet = "AUTOGPT_RUN_OF_FLEET";
