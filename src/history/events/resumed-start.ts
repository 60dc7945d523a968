import type { RunResumed, RunStart } from "../events.js";

/** What a resume has changed of how the run began: who the AI is, and what holds for it. */
export const changedBy = ({
  aiRole,
  goals,
  mustNot,
  protect,
  settings,
  instructions,
  hooks,
}: RunResumed): Partial<RunStart> => ({
  ...(aiRole !== undefined && { aiRole }),
  ...(goals !== undefined && { goals }),
  ...(mustNot !== undefined && { mustNot }),
  ...(protect !== undefined && { protect }),
  ...(settings !== undefined && { settings }),
  ...(instructions !== undefined && { instructions }),
  ...(hooks !== undefined && { hooks }),
});
