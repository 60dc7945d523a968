import { join } from "node:path";
import { packageFolder } from "../../base/process/own-program.js";
import { cleanLine } from "../../base/text.js";
import { messageOf } from "../../errors.js";
import type { DocumentText } from "../document.js";
import { DocumentError, optional } from "../document-error.js";
import { annotationLines, type Annotation } from "./pdf-annotations.js";
import { readingText } from "./pdf-lines.js";

/**
 * The text of a PDF, a blank line between pages, and its title; at the end of a page what was typed into its form and
 * written on it. A picture of text is not read. Throws DocumentError.
 */
export async function readPdf(bytes: Uint8Array): Promise<DocumentText> {
  // Later versions do not take Node 20.
  const { getDocumentProxy, extractText, getMeta } = await optional("unpdf@1.7", () => import("unpdf"));
  try {
    // The reader takes the bytes away, so it gets its own; it writes nothing to the console.
    const options = { verbosity: 0, cMapUrl: characterMaps(), cMapPacked: true };
    const pdf = await getDocumentProxy(Uint8Array.from(bytes), options);
    const { text } = await extractText(pdf, { mergePages: false });
    const pages: string[] = [];
    for (const [at, page] of text.entries()) {
      const annotations = await annotationsOf(pdf, at + 1);
      pages.push([readingText(page), ...annotationLines(annotations, page)].filter((part) => part !== "").join("\n"));
    }
    const { info } = await getMeta(pdf).catch(() => ({ info: {} as Record<string, unknown> }));
    const title = typeof info["Title"] === "string" ? cleanLine(info["Title"], 300) : "";
    return { title, text: pages.join("\n\n"), links: [], needsScripts: false };
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    if (name === "PasswordException") throw new DocumentError("protected", "It is protected by a password.");
    throw new DocumentError("damaged", `It is not a readable PDF: ${messageOf(error)}`, { cause: error });
  }
}

type Pages = { getPage: (number: number) => Promise<{ getAnnotations: () => Promise<unknown[]> }> };

/** A page whose annotations are broken is still a page. */
const annotationsOf = async (pdf: Pages, number: number): Promise<Annotation[]> => {
  try {
    return (await (await pdf.getPage(number)).getAnnotations()) as Annotation[];
  } catch {
    return [];
  }
};

/** The folder of character maps that the build puts beside the bundle. */
const characterMaps = (): string => `${join(packageFolder(), "dist", "cmaps")}/`;
