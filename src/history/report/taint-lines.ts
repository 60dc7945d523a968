import type { ContextTainted, EffectStopped } from "../events.js";
import type { Foreign } from "../events/taint.js";

const words: ReadonlyMap<string, string> = new Map<Foreign["kind"], string>([
  ["page", "the page"],
  ["search", "results of the search"],
  ["file", "the file"],
  ["file names", "names of files in"],
  ["sub-agent", "the sub-agent"],
  ["program", "what this wrote:"],
  ["extension", "the command"],
  ["memory", "memory:"],
  ["attachment", "what was attached:"],
]);

/** A source of text that the user did not write, in words; of a later version's kinds the kind itself. */
export const foreignText = ({ kind, from }: Foreign): string => `${words.get(kind) ?? kind} ${from}`.trimEnd();

/** What was done in place of simply running a command, in words. */
const insteadText: ReadonlyMap<string, string> = new Map<EffectStopped["instead"], string>([
  ["refused", "refused"],
  ["asked", "asked about"],
  ["offline", "run without network"],
]);

const mostSources = 20;

/** What a run has read that the user did not write, a line each, for reports. The texts are as the journal has them: whoever shows them escapes them. */
export function sourceLines({ contextTainted }: { contextTainted: readonly ContextTainted[] }): string[] {
  const more = contextTainted.length - mostSources;
  return [
    ...contextTainted.slice(0, mostSources).map((source) => `step ${source.step} read ${foreignText(source)}`),
    ...(more > 0 ? [`and ${more} others were read`] : []),
  ];
}

/** What was not simply let run because of that; the same holds for these lines. */
export const heldBackLines = ({ effectsStopped }: { effectsStopped: readonly EffectStopped[] }): string[] =>
  effectsStopped.map(
    ({ step, command, reason, instead }) =>
      `step ${step}, ${command}: ${insteadText.get(instead) ?? instead}, because ${reason}`,
  );
