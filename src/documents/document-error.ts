/** Why a document has no text for us: it is damaged, protected, holds none, or what reads it is not installed. */
export type DocumentProblem = "damaged" | "protected" | "no-text" | "too-large" | "not-installed";

export class DocumentError extends Error {
  readonly kind: DocumentProblem;
  constructor(kind: DocumentProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DocumentError";
    this.kind = kind;
  }
}

/** Loads a package that is optional, and says by name what is missing. */
export async function optional<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    throw new DocumentError("not-installed", `Reading it needs the package ${name}: npm install ${name}.`, { cause });
  }
}
