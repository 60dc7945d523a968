import * as z from "zod";
import { text } from "../event-parts.js";

/**
 * What a file holds. `bytes` is null where that is not known before the call; `text` where it is not known, too long to be
 * shown, or no text.
 */
export const fileContent = z
  .object({
    bytes: z.int().min(0).nullable().meta({ description: "Its size, where it is known", "x-unit": "bytes" }),
    text: z.string().nullable().describe("Its text, where it is known, is one, and is not too long to be shown"),
  })
  .meta({ id: "fileContent", title: "Content of a file", description: "What a file holds, as far as it is known" });
export type FileContent = z.infer<typeof fileContent>;

const previewPart = z
  .discriminatedUnion("kind", [
    z.object({
      kind: z.literal("file"),
      path: text("Its path in the workspace"),
      before: fileContent.nullable().describe("What it holds now; null: there is none"),
      after: fileContent.nullable().describe("What it would hold; null: there would be none"),
    }),
    z.object({ kind: z.literal("text"), title: text("What it is"), text: text("The text itself") }),
    z.object({ kind: z.literal("shell"), line: text("A line that a shell runs") }),
    z.object({ kind: z.literal("address"), host: text("Where a connection really goes to"), url: text("The address") }),
  ])
  .meta({ id: "previewPart", title: "Part of a preview", description: "A file, a text, a shell line or an address" });
export type PreviewPart = z.infer<typeof previewPart>;

/**
 * What a call will do, in facts and nothing of how they look: texts are as they are, the model's among them, so whoever
 * shows them escapes them.
 */
export const preview = z.array(previewPart).readonly();
export type Preview = z.infer<typeof preview>;
