import type { Message } from "../../../src/model/model.js";

/** How many characters messages have. */
export const characters = (messages: readonly Message[]): number =>
  messages.reduce((sum, { content }) => sum + content.length, 0);

/** How many characters of a request are the same as in the one before, from the start on. */
export function sharedCharacters(before: readonly Message[], messages: readonly Message[]): number {
  const same = messages.findIndex(
    ({ role, content }, index) => role !== before[index]?.role || content !== before[index].content,
  );
  if (same === -1) return characters(messages);
  const [one, other] = [before[same]?.content ?? "", messages[same]?.content ?? ""];
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return characters(messages.slice(0, same)) + length;
}

/** `87.3 %` */
export const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;
