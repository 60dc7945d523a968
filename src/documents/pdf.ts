import { messageOf } from "../errors.js";
import { DocumentError, optional } from "./document-error.js";

/** The text of a PDF, pages apart. What is only a picture of text is not read. */
export async function textOfPdf(bytes: Uint8Array): Promise<string> {
  const { getDocumentProxy, extractText } = await optional("unpdf", () => import("unpdf"));
  try {
    // The reader takes the bytes away, so it gets its own; it writes nothing to the console.
    const pdf = await getDocumentProxy(Uint8Array.from(bytes), { verbosity: 0 });
    const { text } = await extractText(pdf, { mergePages: false });
    await pdf.destroy();
    return text.join("\n\n");
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    if (name === "PasswordException") throw new DocumentError("protected", "It is protected by a password.");
    throw new DocumentError("damaged", `It is no readable PDF: ${messageOf(error)}`, { cause: error });
  }
}
