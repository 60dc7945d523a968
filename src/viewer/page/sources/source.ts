import type { FleetAct } from "../../run/run-place.js";
import type { JournalEvent } from "../../../history/events.js";
import type { AnswerBody, ListedFleet, ListedRun, StepDetail, Update } from "../../shapes.js";

/** Where the page has runs from: the server, or the file that it stands in. */
export interface Source {
  /** Whether questions can be answered and runs be stopped. */
  readonly live: boolean;
  runs(): Promise<ListedRun[]>;
  /** Null where there is none. */
  fleet(): Promise<ListedFleet | null>;
  /** Calls back with all that is known of a run and becomes known, until the returned function is called. */
  follow(run: string, heard: (update: Update | { kind: "lost" }) => void): () => void;
  detail(run: string, step: number): Promise<StepDetail>;
  agent(run: string, key: string): Promise<JournalEvent[]>;
  /** The steps in which this text stands. */
  search(run: string, text: string): Promise<number[]>;
  /** Resolves to a sentence about what was done; rejects with an Error that says why not. */
  act(
    run: string,
    act: { kind: "answer"; body: AnswerBody } | { kind: "tell"; text: string } | { kind: "stop" | FleetAct },
  ): Promise<string>;
}
