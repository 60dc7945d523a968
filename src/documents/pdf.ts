import { cleanLine } from "../base/text.js";
import { messageOf } from "../errors.js";
import type { DocumentText } from "./document.js";
import { DocumentError, optional } from "./document-error.js";

/** The text of a PDF, a blank line between pages, and its title. A picture of text is not read. Throws DocumentError. */
export async function readPdf(bytes: Uint8Array): Promise<DocumentText> {
  // Later versions do not take Node 20.
  const { getDocumentProxy, extractText, getMeta } = await optional("unpdf@1.7", () => import("unpdf"));
  try {
    // The reader takes the bytes away, so it gets its own; it writes nothing to the console.
    const pdf = await getDocumentProxy(Uint8Array.from(bytes), { verbosity: 0 });
    const { text } = await extractText(pdf, { mergePages: false });
    const { info } = await getMeta(pdf).catch(() => ({ info: {} as Record<string, unknown> }));
    const title = typeof info["Title"] === "string" ? cleanLine(info["Title"], 300) : "";
    return { title, text: text.join("\n\n"), links: [], needsScripts: false };
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    if (name === "PasswordException") throw new DocumentError("protected", "It is protected by a password.");
    throw new DocumentError("damaged", `It is not a readable PDF: ${messageOf(error)}`, { cause: error });
  }
}
