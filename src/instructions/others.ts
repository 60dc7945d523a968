import type { Trustable, Wording } from "../extensions/trust.js";

/** Something of others that the AI would follow, and why it is theirs, as half a sentence. */
export type Others = Trustable & { why: string };

/** `root`: the repository that it lies in; a yes to it there is none elsewhere. */
export const ofOthers = (file: string, why: string, root: string, digest: string): Others => ({
  ...{ file, why, folder: root, digest, place: file, module: file },
});

/** What a yes to instructions of others means. */
export const ofInstructions: Wording = {
  one: "file of instructions",
  many: "instructions",
  means: "The AI follows such a file as if you had written it.",
  introduction: ({ file }) =>
    `${file}, for one, may have been written by somebody else, and the AI would follow it as if you had written it. All there are:`,
  question: "Is the AI to follow them (y/n)? ",
};
