import type { StreamMask } from "../base/mask.js";
import type { AgentRequest } from "../compose/agent/request.js";
import type { Listener } from "../history/emit.js";
import type { WrittenReport } from "./end/write-report.js";
import type { Plan } from "./plan.js";

/** What shows a run and answers for the person: a console, or the caller of the API. It decides nothing else. */
export type FrontEnd = Pick<
  AgentRequest,
  | "ask"
  | "toldAnswers"
  | "askUser"
  | "answerable"
  | "judged"
  | "onOutput"
  | "keepRules"
  | "steering"
  | "onText"
  | "onThinking"
  | "inspector"
  | "heard"
> & {
  /** Hear each event once it is in the journal, in this order. */
  listeners: readonly Listener[];
  /** Is told what the run came to, once `report.md` lies in its folder. */
  reported?(written: WrittenReport): void;
};

/** What is about to run. `mask` takes secrets out of what is shown. */
export type PlannedRun = { plan: Plan; journal: string; mask: StreamMask };
