import type { Mask } from "../../base/mask.js";
import { SettingsError } from "../../errors.js";
import { answerQuestion, readQuestion } from "../../history/questions/answer.js";
import type { AnswerBody } from "../../viewer/shapes.js";
import { actOnFleet } from "../fleet/fleet.js";
import { withFleet } from "../fleet/with-fleet.js";
import { withFleetPlace } from "../questions/place.js";
import { tellFleet } from "../questions/say.js";

export type FleetAnswer = { run: string; mask: Mask } & AnswerBody;

/**
 * Answers the question that a parked run of the fleet at this address asks, as `autogpt approve` and `deny` do; a feedback is said to it, and it
 * goes on with that. Resolves to a sentence about what was done. Throws SettingsError where the run asks something else by now, or nothing.
 */
export async function answerInFleet(address: string, { run, mask, ...given }: FleetAnswer): Promise<string> {
  const { step, question, answer } = given;
  const text = mask(given.text?.trim() ?? "");
  if (answer === "stop") throw new SettingsError("The run has stopped at this question already.");
  if (answer === "feedback" && text === "") throw new SettingsError("Say something.");
  const requireSame = async (home: string): Promise<void> => {
    const { parked } = await readQuestion(home, run);
    if (parked.question !== question || parked.step !== step)
      throw new SettingsError("The run asks something else by now, so nothing was answered.");
  };
  const said = await withFleet(address, (fleet) =>
    withFleetPlace(fleet, run, async ({ home, answering, goesOn }) => {
      await requireSame(home);
      if (answer === "feedback") return null;
      await answering(run, async (held) => {
        await requireSame(held);
        await answerQuestion(
          held,
          { run, question },
          { answer, ...(answer === "deny" && text !== "" && { text }) },
          mask,
        );
      });
      return answer === "run" ? `Approved. ${goesOn(run)} with it.` : `Denied. ${goesOn(run)} without it.`;
    }),
  );
  if (said !== null) return said;
  await tellFleet(address, run, text, new Date());
  // A run that asks something is not tried again by itself.
  await actOnFleet(address, "retry", [run]);
  return "Said. A worker of the fleet goes on with it.";
}
