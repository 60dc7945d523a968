import type * as z from "zod";
import type { CheckResult } from "../goals/check.js";
import type { WorkspaceReader } from "./context.js";

/** What somebody else's check may use. */
export type ExtensionCheckContext = { workspace: WorkspaceReader };

type Judged = CheckResult | Promise<CheckResult>;

/** A check of somebody else's: a plain object. */
export type ExtensionCheck = {
  /** Stands in ai_settings.yaml: small letters, digits and underscores. */
  name: string;
  /** A zod schema of what stands behind the name; some text unless told. */
  value?: z.ZodType;
  /** Stands behind the name in messages and evidence; the value itself unless told. */
  title?(value: never): string;
  /** Judges the workspace as it is now, within a minute; a thrown error is a check that failed, with its message. */
  run(value: never, context: ExtensionCheckContext): Judged;
};

/** Types `title` and `run` by `value`; does nothing else, so that a plain object is as good. */
export const defineCheck = <Value extends z.ZodType = z.ZodType<string>>(
  check: Omit<ExtensionCheck, "value" | "title" | "run"> & {
    value?: Value;
    title?(value: z.infer<Value>): string;
    run(value: z.infer<Value>, context: ExtensionCheckContext): Judged;
  },
): ExtensionCheck => check as ExtensionCheck;
