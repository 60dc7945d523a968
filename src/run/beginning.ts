import type { Beginning } from "../agent/run-to-end.js";
import type { Models } from "../compose/models.js";
import { goalEntryOf } from "../history/goals.js";
import { keptSettings } from "./changes/kept-settings.js";
import type { RunStart } from "../history/events.js";
import type { RecordedSkill } from "../history/events/guidance.js";
import { recordedHookOf } from "../hooks/hook.js";
import type { Plan } from "./plan.js";

/** The first event of what is planned, and what it goes on from. */
export function beginningOf(
  plan: Plan,
  { version, session }: { version: string; session?: RunStart["session"] },
  models: Models,
): Beginning {
  const { ai, limits, continuous, resumed, approve, protect, extensions, servers, instructions, skills, hooks } = plan;
  const mode = plan.onApproval === undefined ? {} : { onApproval: plan.onApproval };
  if (resumed) {
    const { unusedReply, ...point } = resumed.point;
    const takenOver = resumed.recorded.start.forkedFrom?.step ?? 0;
    const { reasoning } = point;
    const unused = unusedReply === null ? null : { text: unusedReply, cutOff: null, ...(reasoning && { reasoning }) };
    return { kind: "resumed", limits, continuous, ...mode, changes: plan.changes, takenOver, unused, ...point };
  }
  return {
    kind: "new",
    start: {
      type: "run-start",
      format: 1,
      run: plan.run,
      version,
      aiName: ai.aiName,
      aiRole: ai.aiRole,
      goals: ai.goals.map(goalEntryOf),
      ...(plan.settingsFile === null ? {} : { settingsFile: plan.settingsFile }),
      model: { smart: models.smart.model.name, fast: models.fast.model.name },
      only: plan.only,
      memory: plan.memoryBackend,
      workspace: plan.workspaceDirectory,
      limits,
      continuous,
      ...mode,
      ...(approve.length > 0 ? { approve } : {}),
      ...(protect.length > 0 ? { protect } : {}),
      ...(extensions.length > 0 ? { extensions } : {}),
      ...(servers.length > 0 ? { mcpServers: servers } : {}),
      ...(instructions.length > 0 ? { instructions } : {}),
      ...(hooks.length > 0 ? { hooks: hooks.map(recordedHookOf) } : {}),
      ...(skills.length > 0 ? { skills: skills.map(recordedSkillOf) } : {}),
      ...(ai.mustNot?.length ? { mustNot: ai.mustNot } : {}),
      settings: keptSettings(plan.settings),
      requireProof: plan.requireProof,
      ...(session && { session }),
    },
  };
}

const recordedSkillOf = ({ name, folder, others }: Plan["skills"][number]): RecordedSkill => ({
  ...{ name, folder },
  ...(others && { foreign: true }),
});
