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
    'Something may be wrong around the program: "npx autogpt doctor" finds that out.',
    `If not, please report these lines: ${bugs}`,
  ].join("\n");
}

const stackOf = (thrown: unknown): string[] =>
  thrown instanceof Error && thrown.stack !== undefined ? [withSourcePlaces(thrown.stack)] : [];
