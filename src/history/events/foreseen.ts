import * as z from "zod";
import { count, list, text, yesNo } from "../event-parts.js";

/** What lies at a path of the workspace, as far as it takes to tell it from something else. */
export const pathState = z
  .object({
    kind: z.enum(["file", "folder", "link", "other"]).describe("What it is; a link is not followed"),
    bytes: count("A file's length", "bytes").exactOptional(),
    sha256: text("The SHA-256 of a file's bytes, of a file above 16 MB that of its last 16 MB").exactOptional(),
  })
  .meta({ id: "pathState", title: "State of a path", description: "What lies at a path of the workspace" });
export type PathState = Readonly<z.infer<typeof pathState>>;

/** What a command that only changes files will leave behind and answer, where nothing goes wrong. */
export const foreseen = z
  .object({
    paths: list(
      z.object({
        path: text("A path in the workspace"),
        before: pathState.nullable().describe("What lies there before the command runs; null: nothing"),
        after: pathState.nullable().describe("What lies there once it has been carried out; null: nothing"),
      }),
      "The paths that it writes",
    ),
    text: text("What it answers then"),
    changed: yesNo("Whether any file is not what it was before, then"),
  })
  .meta({
    id: "foreseen",
    title: "What is foreseen",
    description:
      "What a command will leave behind: whoever resumes the run finds out from it whether it was carried out",
  });
export type Foreseen = z.infer<typeof foreseen>;

/** Whether two states are the same, as far as that can be told. */
export const isSameState = (one: PathState | null, other: PathState | null): boolean =>
  one === null || other === null
    ? one === other
    : one.kind === other.kind && one.bytes === other.bytes && one.sha256 === other.sha256;
