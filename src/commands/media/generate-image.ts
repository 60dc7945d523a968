import * as z from "zod";
import { defineCommand } from "../command.js";

export const generateImage = defineCommand({
  name: "generate_image",
  label: "Generate Image",
  args: z.object({ prompt: z.string().describe("<prompt>") }),
  effect: "writes",
  needs: "images",
  async run({ prompt }, { images, newName, workspace, step, signal }) {
    if (images === null) throw new Error("no image provider is configured. Go on without the image.");
    const bytes = await images(prompt, { step, signal });
    const ending = endingOf(bytes);
    if (ending === null)
      throw new Error("what the image provider sent is not an image. Go on without it, or try again.");
    const file = `${newName()}.${ending}`;
    await workspace.write(file, bytes);
    return { ok: true, text: `Saved to disk:${file}`, changed: true };
  },
});

/** The ending for an image file, by the first bytes of the image and not by what a server says of it. */
function endingOf(bytes: Buffer): string | null {
  const start = bytes.subarray(0, 12).toString("latin1");
  if (start.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (start.startsWith("\xff\xd8\xff")) return "jpg";
  if (start.startsWith("GIF87a") || start.startsWith("GIF89a")) return "gif";
  return start.startsWith("RIFF") && start.endsWith("WEBP") ? "webp" : null;
}
