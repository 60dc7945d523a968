import type { AfterStop, Steering } from "../agent/step-stops.js";
import { escapeControls } from "../base/escape.js";
import { readAnswer } from "../console/input/ask.js";
import type { UserInput } from "../console/input/user-input.js";
import type { Interruption } from "../console/interruption.js";

export type SteeringOptions = {
  aiName: string;
  lines: UserInput;
  interruption: Pick<Interruption, "signal"> & Partial<Pick<Interruption, "first">>;
  /** Ends the line that is being written. */
  endLine(): void;
  note(text: string): void;
};

/** What a terminal's keys do while a run goes on: Escape and Ctrl-C stop the step, and the person is asked what to say. */
export type TerminalSteering = {
  steering: Steering;
  /** Asks something: meanwhile no key stops anything. */
  asking<Result>(ask: () => Promise<Result>): Promise<Result>;
};

/** Without a terminal there are no keys: null. */
export function createSteering({
  aiName,
  lines,
  interruption,
  endLine,
  note,
}: SteeringOptions): TerminalSteering | null {
  if (!lines.isTerminal) return null;
  let stop = (): boolean => false;
  let isAsking = false;
  let quiet = (): void => undefined;
  const stopStep = (): boolean => {
    if (isAsking || !stop()) return false;
    endLine();
    note("Stopping this step. Ctrl-C again ends the run.");
    return true;
  };
  const listen = (): void => {
    quiet();
    quiet = lines.listen(stopStep);
  };
  const asking = async <Result>(ask: () => Promise<Result>): Promise<Result> => {
    isAsking = true;
    quiet();
    quiet = () => undefined;
    try {
      return await ask();
    } finally {
      isAsking = false;
      listen();
    }
  };
  interruption.first?.(stopStep);
  return {
    asking,
    steering: {
      onReady(given) {
        stop = given;
        listen();
      },
      afterStop: () =>
        asking(() => afterStop(escapeControls(aiName, { newlines: "escape" }), lines, interruption, note)),
    },
  };
}

/** Asks what the AI is to be told after a step was stopped. */
async function afterStop(
  aiName: string,
  lines: UserInput,
  { signal }: SteeringOptions["interruption"],
  note: SteeringOptions["note"],
): Promise<AfterStop> {
  const question = `Stopped. Say something to ${aiName}; Enter goes on, n ends the run.\nInput: `;
  for (;;) {
    const line = await lines.ask(question, signal, { fresh: true });
    if (line?.trim() === "") return { kind: "go-on" };
    const answer = readAnswer(line);
    if (answer.kind === "run") return { kind: "go-on" };
    if (answer.kind === "stop" || answer.kind === "feedback") return answer;
    note(
      "A text is said to the AI before its next step; Enter or y goes on without one; n ends the run, and so does Ctrl-C.",
    );
  }
}

/** What lets steering know that the person is being asked; without steering, they just are. */
export const askingWith = (steered: TerminalSteering | null): TerminalSteering["asking"] =>
  steered?.asking ?? ((ask) => ask());
