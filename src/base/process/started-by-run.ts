/** Set in the environment of MCP servers that a run has started: one of them that is this program itself starts no runs. */
export const startedByRun = "AUTOGPT_STARTED_BY_RUN";
