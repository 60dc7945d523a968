import { commandLine } from "../base/process/command-line.js";
import { onAbort } from "../base/abort.js";
import { RunError } from "../errors.js";

/** What a person says after stopping a step: a text for the model, nothing, or that the run is to end. */
export type AfterStop = { kind: "go-on" } | { kind: "feedback"; text: string } | { kind: "stop" };

/** The person at a terminal, who may stop a step and say something. */
export type Steering = {
  /** Is given what stops the step that is going on; that is false where there is nothing to stop. */
  onReady(stop: () => boolean): void;
  /** Asks the person who stopped a step what to say. */
  afterStop(): Promise<AfterStop>;
};

/** Lets a person stop a step without ending the run, and say something then. */
export interface StepStops {
  /** A signal for what begins now: aborted when the run's is, and when the person stops the step. */
  begin(): AbortSignal;
  /** Stops what is going on. False where there is nothing to stop: it was stopped already, or the person is being asked. */
  stop(): boolean;
  /** Ends what is going on, so that time is left for what has to come behind it; nobody is asked. */
  cut(): void;
  /** Who stopped the step, where that was not heard since; null for nobody. */
  stoppedBy(): "user" | "limit" | null;
  /** Hears a person who stopped the step; null where nobody did, or says nothing. Throws RunError where the run is to end. */
  hear(): Promise<string | null>;
  /** There is no step to stop any more. */
  close(): void;
}

/** The reason of a signal of a step that the person stopped. */
const stepStopped = (): RunError => new RunError("interrupted", "The user stopped this before it was done.");

const reasonOf = (by: "user" | "limit"): RunError =>
  by === "user" ? stepStopped() : new RunError("interrupted", "It was ended, so that time is left for a last step.");

/** `ask` asks the person what to say; where there is none, no step is ever stopped. */
export function createStepStops(run: AbortSignal, ask: (() => Promise<AfterStop>) | null): StepStops {
  let controller: AbortController | null = null;
  let release = (): void => undefined;
  let stopped: "user" | "limit" | null = null;
  let asking = false;
  return {
    begin() {
      release();
      const own = (controller = new AbortController());
      release = onAbort(run, () => own.abort(run.reason));
      // Stopped between what was going on and this.
      if (stopped !== null) own.abort(reasonOf(stopped));
      return own.signal;
    },
    stop() {
      if (controller === null || ask === null || stopped !== null || asking || run.aborted) return false;
      stopped = "user";
      controller.abort(reasonOf(stopped));
      return true;
    },
    cut() {
      if (controller === null || stopped !== null || asking || run.aborted) return;
      stopped = "limit";
      controller.abort(reasonOf(stopped));
    },
    stoppedBy: () => stopped,
    async hear() {
      const by = stopped;
      if (by !== "user" || ask === null) {
        stopped = null;
        return null;
      }
      stopped = null;
      asking = true;
      try {
        const said = await ask();
        if (said.kind === "stop")
          throw new RunError("user-stopped", `Stopped by the user. ${commandLine("--resume")} goes on from here.`);
        return said.kind === "feedback" ? said.text : null;
      } finally {
        asking = false;
      }
    },
    close() {
      release();
      controller = null;
    },
  };
}
