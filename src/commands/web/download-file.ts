import * as z from "zod";
import { sizeText } from "../../base/text.js";
import { defineCommand } from "../command.js";
import { previewFile, reviewReplacing } from "../files/file-content.js";
import { addressPart } from "../preview.js";

export const downloadFile = defineCommand({
  name: "download_file",
  label: "Downloads a file from the internet, and stores it locally",
  args: z.object({ url: z.string().describe("<url>"), file: z.string().describe("<file>") }),
  effect: "writes",
  needs: "downloads",
  renames: { filename: "file" },
  review: async ({ url, file }, { workspace }) => ({
    ...(await reviewReplacing(file, workspace)),
    reach: { kind: "downloads", address: url },
  }),
  preview: async ({ url, file }, { workspace }) => [
    addressPart(url),
    ...(await previewFile(file, workspace, { bytes: null, text: null })),
  ],
  async run({ url, file }, { web, workspace, signal }) {
    const size = await web.download(url, (bytes) => workspace.save(file, bytes), signal);
    const text = `Successfully downloaded and locally stored file: "${file}"! (Size: ${sizeText(size)})`;
    return { ok: true, text, changed: true };
  },
});
