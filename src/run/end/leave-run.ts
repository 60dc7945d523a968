import type { Mask } from "../../base/mask.js";
import { messageOf } from "../../errors.js";
import type { RunEnd } from "../../history/events.js";
import { isCompletedEnd } from "../../history/resume.js";
import { runDirectory } from "../../history/runs.js";
import type { FrontEnd } from "../front-end.js";
import type { Plan } from "../plan.js";

type Leaving = { mask: Mask; warn(text: string): void; reported: FrontEnd["reported"] };

/**
 * What a run came to is written down, and what it has kept for later and nobody needs is forgotten. Where that is impossible, the journal has
 * it all the same, and it is said.
 */
export async function leaveRun({ run, settings, resumed }: Plan, end: RunEnd, leaving: Leaving): Promise<void> {
  const { mask, warn, reported } = leaving;
  try {
    const { writeReport } = await import("./write-report.js");
    const written = await writeReport(settings.home, run, mask);
    reported?.(written);
  } catch (thrown) {
    warn(`WARNING: the run's report cannot be written: ${messageOf(thrown)}`);
  }
  if (resumed === null || !isCompletedEnd(end)) return;
  try {
    const { forgetServerAnswers } = await import("../../history/questions/server-answers.js");
    await forgetServerAnswers(runDirectory(settings.home, run));
  } catch (thrown) {
    warn(
      `WARNING: what you answered to servers and none of them has asked for again is still kept: ${messageOf(thrown)}`,
    );
  }
}
