/** Why a document has no text for us; decides what happens next, never the message. */
export type DocumentProblem = "damaged" | "protected" | "no-text" | "too-large" | "too-slow" | "not-installed";

/** A document that cannot be read. The message is a sentence or two that begin with "It" or say what to install. */
export class DocumentError extends Error {
  readonly kind: DocumentProblem;
  constructor(kind: DocumentProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DocumentError";
    this.kind = kind;
  }
}

/** A document that took more memory than its reader has, or is nested deeper than its parser can follow. */
export const tooMuch = (options?: ErrorOptions): DocumentError =>
  new DocumentError("too-large", "It is more than can be read here: its structure is too large or broken.", options);

/** Loads an optional package, by its name and, where that matters, its version: `unpdf@1.7`. Throws DocumentError. */
export async function optional<Module>(wanted: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    const [name] = wanted.split("@");
    throw new DocumentError("not-installed", `Reading it needs the package ${name}: npm install ${wanted}.`, { cause });
  }
}
