import { commandLine } from "../base/process/command-line.js";
import type { PackageFacts } from "../version.js";
import { withSourcePlaces } from "./source-places.js";

export type FaultFacts = PackageFacts & {
  /** The run that it ended; null where none had begun. */
  run: string | null;
};

/**
 * What a person needs to report a fault of this program: where it happened in the sources, what ran where, and whom to
 * tell. Not masked yet: the stack may hold a secret.
 */
export function faultReport(thrown: unknown, { version, bugs, run }: FaultFacts): string {
  const { platform, arch } = process;
  const facts = [
    `autogpt ${version}`,
    `Node ${process.version}`,
    `${platform} ${arch}`,
    ...(run ? [`run ${run}`] : []),
  ];
  return [
    ...stackOf(thrown),
    facts.join(", "),
    `Run "${commandLine("doctor")}" to see whether something around the program is to blame.`,
    `If nothing is, please report these lines at ${bugs}`,
  ].join("\n");
}

const stackOf = (thrown: unknown): string[] =>
  thrown instanceof Error && thrown.stack !== undefined ? [withSourcePlaces(thrown.stack)] : [];
