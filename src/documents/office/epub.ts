import { posix } from "node:path";
import { DocumentError } from "../document-error.js";
import { textOfHtml } from "../html.js";
import { pathsOf, textFile, unpack, type Archive } from "./archive.js";
import { attribute, elementsNamed, parseXml } from "./xml.js";

/** The text of an electronic book (EPUB 2 and 3), its chapters in reading order. */
export function textOfEpub(bytes: Uint8Array): string {
  const archive = unpack(bytes, (path) => !/\.(?:jpe?g|png|gif|webp|svg|css|js|[ot]tf|woff2?|mp[34]|m4a)$/i.test(path));
  if (archive.has("META-INF/encryption.xml") && !archive.has("META-INF/rights.xml") && !hasReadableChapter(archive))
    throw new DocumentError("protected", "It is an encrypted book.");
  return chaptersOf(archive)
    .map((path) => textOfHtml(textFile(archive, path)))
    .join("\n\n");
}

const hasReadableChapter = (archive: Archive): boolean =>
  chaptersOf(archive).some((path) => textFile(archive, path).includes("<"));

/** The spine of the package document (EPUB 3.3, 5.7.2); where it cannot be read, all pages by their names. */
function chaptersOf(archive: Archive): string[] {
  const [root] = elementsNamed(parseXml(textFile(archive, "META-INF/container.xml")), "rootfile");
  const packagePath = (root && attribute(root, "full-path")) ?? pathsOf(archive, /\.opf$/)[0] ?? "";
  const document = parseXml(textFile(archive, packagePath));
  const items = new Map(
    elementsNamed(document, "item").map((item) => [attribute(item, "id"), attribute(item, "href") ?? ""]),
  );
  const spine = elementsNamed(document, "itemref").flatMap((reference) => {
    const href = items.get(attribute(reference, "idref"));
    if (href === undefined) return [];
    const path = posix.join(posix.dirname(packagePath), decoded(href.split("#")[0] ?? ""));
    return archive.has(path) ? [path] : [];
  });
  return spine.length > 0 ? spine : pathsOf(archive, /\.x?html?$/i);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
