import type { DocumentProblem } from "./document-error.js";
import type { DocumentFormat } from "./document-kind.js";

/** A link of a page: absolute, http or https. */
export type Link = { text: string; url: string };

/**
 * What was read of one document. Links and a title are told where the kind of document has them; `needsScripts`: it
 * looks as if a page's scripts had to run before there is anything to read; `leadsTo`: where a page sends its reader by itself,
 * always or only one without scripts; `note`: what a reader is to know of what could not be read.
 */
export type DocumentText = {
  title: string;
  text: string;
  links: Link[];
  needsScripts: boolean;
  leadsTo?: { url: string; withoutScripts: boolean } | undefined;
  note?: string | undefined;
};

/**
 * What is to be read. A `page` is HTML from the web, of which the main part is read; of other HTML all of it is.
 * `charset` is what a header says of the encoding; `isRendered`: it comes from a browser, which has taken out what is hidden.
 */
export type ReadOrder = { bytes: Uint8Array } & (
  | { kind: "page"; url: string; charset: string | null; isRendered?: boolean }
  | { kind: "text"; charset: string | null }
  | { kind: DocumentFormat }
);

/** What the process that reads documents is sent; `isGuarded`: somebody sees to it that it ends with its parent. */
export type ReadMessage = { order: ReadOrder; isGuarded: boolean };

/** What the process that reads documents answers with. */
export type ReadAnswer = { ok: true; read: DocumentText } | { ok: false; kind: DocumentProblem; message: string };

/** A document of which nothing but the text is told. */
export const textOnly = (text: string): DocumentText => ({ title: "", text, links: [], needsScripts: false });
