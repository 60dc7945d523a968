import * as z from "zod";
import type { RecordedSession } from "../../cassette/read-cassette.js";
import { SettingsError } from "../../errors.js";

/** A value of a setting: none has parts of its own but those that take several texts. */
const settingValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]).nullable();

const objects = z.array(z.looseObject({}));

const described = z.looseObject({
  name: z.string(),
  args: z.record(z.string(), z.unknown()),
  has: z.looseObject({}),
});

/** As far as a replay relies on it; what earlier versions did not record may be missing. */
const about = z.looseObject({
  settings: z.record(z.string(), settingValue),
  keys: z.array(z.string()),
  root: z.string().optional(),
  cwd: z.string().optional(),
  workspaceDirectory: z.string().optional(),
  memoryBackend: z.string().optional(),
  limits: z.looseObject({
    ...{ steps: z.number().nullable(), costUsd: z.number().nullable() },
    ...{ tokens: z.number().nullable(), seconds: z.number().nullable() },
  }),
  continuous: z.boolean().optional(),
  only: z.enum(["fast", "smart"]).nullable().optional(),
  requireProof: z.boolean().optional(),
  fixAnew: z.boolean().optional(),
  onApproval: z.string().nullable().optional(),
  approve: z.array(z.unknown()),
  protect: z.array(z.unknown()),
  instructions: objects,
  skills: objects,
  extensions: z.array(z.unknown()),
  servers: z.array(z.unknown()),
  hooks: objects,
  commands: z.array(z.union([z.string(), described])),
  checks: z.array(z.string()),
  ai: z.looseObject({ aiName: z.string(), aiRole: z.string(), goals: objects }),
});

/**
 * Refuses a record that does not say what a replay begins with: it may be somebody else's, or edited by hand. Throws SettingsError that
 * names the first field that is not as it is recorded.
 */
export function refuseStrangeAbout(run: string, { about: given, seq }: Pick<RecordedSession, "about" | "seq">): void {
  const [issue] = about.safeParse(given).error?.issues ?? [];
  // What goes on has a journal before it.
  const strange = issue?.path ?? (given["isResumed"] === true && seq === 0 ? ["isResumed"] : null);
  if (strange === null) return;
  const field = ["about", ...strange.map(String)].join(".");
  throw new SettingsError(
    `The record of the run ${run} is damaged, so it cannot be run again: ${field} of a session is not as this program records it.`,
  );
}
