import { createStepStops, type StepStops } from "../../agent/step-stops.js";
import { cassetteFile } from "../../history/run-log.js";
import { recordTape } from "../../cassette/record.js";
import type { Tape } from "../../cassette/tape.js";
import type { StreamMask } from "../../base/mask.js";
import type { Listener } from "../../history/emit.js";
import type { AgentRequest } from "../agent/request.js";
import { embeddingsPath } from "../../model/openai/embeddings.js";
import { errorCodec } from "./error-codec.js";
import { tapedRequest } from "./taped.js";
import type { Taping } from "./taping.js";

export type OpenedTape = Tape & { close?(): void };

/** A run's request as the tape lets it be, the tape where there is one, and who hears the run's events so that the tape knows the step. */
export type OnTape = {
  request: AgentRequest;
  tape: OpenedTape | null;
  /** What stops a step of the run. */
  stops: StepStops;
  listeners: readonly Listener[];
};

/** Puts a run on tape, where that is wanted. */
export function onTape(given: AgentRequest, directory: string, mask: StreamMask): OnTape {
  const { taping = null, signal, steering } = given;
  const onTape: OnTape = {
    request: given,
    tape: null,
    stops: createStepStops(signal, steering ? () => (onTape.request.steering ?? steering).afterStop() : null),
    listeners: [],
  };
  if (taping === null) return onTape;
  const { now, listener } = followNow();
  onTape.listeners = [listener];
  onTape.tape =
    taping.kind === "replay"
      ? taping.open(onTape.stops, now)
      : recorder(given, taping, { directory, mask, now, stops: onTape.stops });
  onTape.request = tapedRequest(given, onTape.tape);
  onTape.stops = tapedStops(onTape.stops, onTape.tape);
  return onTape;
}

type Now = Parameters<typeof recordTape>[0]["now"];

/** What a run is at. What a step leaves for memory is embedded beside the next step's own requests. */
function followNow(): { now: Now; listener: Listener } {
  let [current, embedding] = [
    { step: 0, purpose: null as string | null },
    { step: 0, purpose: "embedding" },
  ];
  return {
    now: (path) => (path === embeddingsPath ? embedding : current),
    listener(event) {
      const isEmbedding = event.type === "model-requested" && event.purpose === "embedding";
      if (isEmbedding) embedding = { ...embedding, step: event.step };
      if ("step" in event && event.step > current.step) current = { ...current, step: event.step };
      if (event.type === "model-requested" && !isEmbedding) current = { ...current, purpose: event.purpose };
    },
  };
}

/** A person may stop a step when nothing is waited for that is on tape, so who has stopped it is read where they are heard. */
export const tapedStops = (stops: StepStops, tape: Tape): StepStops => ({
  ...stops,
  async hear() {
    const by = tape.reading("stopped", stops.stoppedBy);
    if (tape.replays && by !== null && stops.stoppedBy() === null) stopStep(stops, by);
    return stops.hear();
  },
});

/** Stops the step that is at work as the user or a limit did. */
export const stopStep = (stops: StepStops, by: "user" | "limit"): void =>
  void (by === "user" ? stops.stop() : stops.cut());

type Recording = Extract<Taping, { kind: "record" }>;
type RecorderParts = {
  directory: string;
  mask: StreamMask;
  now: Now;
  stops: StepStops;
};

const recorder = (
  { run, recorded, signal, warn }: AgentRequest,
  { version, mostBytes, about }: Recording,
  { directory, mask, now, stops }: RecorderParts,
): OpenedTape =>
  recordTape({
    file: cassetteFile(directory),
    session: { run, version, seq: recorded?.lastSeq ?? 0, time: new Date().toISOString(), about },
    ...{ mask, mostBytes, errors: errorCodec, warn, now },
    stoppedBy: () => stops.stoppedBy() ?? (signal.aborted ? "run" : null),
  });
