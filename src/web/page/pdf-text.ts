import { cleanLine, cleanText } from "./clean-text.js";
import type { PageText } from "./page-text.js";

/** Where `import` does not find the optional package. */
export class MissingPackage extends Error {}

/** The text of a PDF, pages apart. Throws MissingPackage without the optional package unpdf. */
export async function readPdf(bytes: Uint8Array): Promise<PageText> {
  const { extractText, getDocumentProxy, getMeta } = await import("unpdf").catch((cause: unknown) => {
    throw new MissingPackage("unpdf", { cause });
  });
  const document = await getDocumentProxy(new Uint8Array(bytes));
  const { text } = await extractText(document, { mergePages: false });
  const { info } = await getMeta(document).catch(() => ({ info: {} as Record<string, unknown> }));
  const title = typeof info["Title"] === "string" ? cleanLine(info["Title"], 300) : "";
  return { title, text: cleanText(text.join("\n\n")), links: [], shell: false };
}
