/** A link of a page: absolute, http or https. */
export type Link = { text: string; url: string };

/** What could be read of one document. `shell`: it looks as if scripts had to run before there is anything to read. */
export type PageText = { title: string; text: string; links: Link[]; shell: boolean };

/** What the process that reads pages is given. */
export type ReadOrder = { bytes: Uint8Array; url: string; kind: "html" | "pdf" | "text"; charset: string | null };
export type ReadAnswer =
  { ok: true; page: PageText } | { ok: false; problem: "missing-unpdf" | "unreadable"; why: string };
