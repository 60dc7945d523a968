import { posix } from "node:path";
import { textFile, type Archive } from "./archive.js";
import { attribute, elementsNamed, parseXml } from "./xml.js";

/** Another part of the document that a part refers to: its kind is the last word of the relation's type. */
export type Relation = { id: string; kind: string; path: string };

/** What a part of an Office Open XML document refers to within the archive (ECMA-376, part 2, 9.3). */
export function relationsOf(archive: Archive, path: string): Relation[] {
  const file = posix.join(posix.dirname(path), "_rels", `${posix.basename(path)}.rels`);
  return elementsNamed(parseXml(textFile(archive, file)), "Relationship").flatMap((relation) => {
    const target = attribute(relation, "Target") ?? "";
    if (attribute(relation, "TargetMode") === "External" || target === "") return [];
    const kind = posix.basename(attribute(relation, "Type") ?? "");
    const inside = posix.join("/", posix.dirname(path), target).slice(1);
    return [{ id: attribute(relation, "Id") ?? "", kind, path: target.startsWith("/") ? target.slice(1) : inside }];
  });
}
