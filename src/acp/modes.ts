import { codes, type Refuse } from "./protocol.js";

/** Whether a session asks before commands, as editors offer it. */
export const modes = [
  { id: "ask", name: "Ask", description: "Each command is asked about before it runs, unless a rule of yours decides" },
  { id: "continuous", name: "Continuous", description: "Commands run without a question, within the run's limits" },
];

/** Said to whoever lets commands run without a question. */
export const warning =
  "WARNING: Continuous mode runs every command without asking you, and may go on for a long time. It holds from your next prompt on, " +
  "until you choose the other mode; the limits of the settings hold (--continuous-limit, --max-cost, --max-time).";

/** The mode of this name. Throws a refusal where there is none. */
export function modeNamed(wanted: string, refuse: Refuse): string {
  const names = modes.map((one) => one.id);
  if (names.includes(wanted)) return wanted;
  throw refuse(codes.invalidParams, `There is no mode ${JSON.stringify(wanted)}, but ${names.join(", ")}.`);
}
