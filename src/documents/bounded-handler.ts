import { DomHandler } from "htmlparser2";
import { DocumentError } from "./document-error.js";

/** Makes a tree of nodes, and throws DocumentError where elements are nested more than `deepest` deep. */
export class BoundedHandler extends DomHandler {
  readonly #deepest: number;

  constructor(deepest: number) {
    super();
    this.#deepest = deepest;
  }

  override onopentag(name: string, attributes: Record<string, string>): void {
    super.onopentag(name, attributes);
    if (this.tagStack.length > this.#deepest)
      throw new DocumentError("damaged", `Its elements are nested more than ${this.#deepest} deep.`);
  }
}
