import { textOfHtml } from "../html.js";
import { pathsOf, textFile, unpack, type Archive } from "./archive.js";
import { chartText, drawnText } from "./drawing.js";
import { relationsOf, type Relation } from "./relations.js";
import { attribute, characters, elementsNamed, escapeHtml, parseXml, labelled } from "./xml.js";

/** The text of a PowerPoint presentation (PPTX), slide by slide: its texts, tables, charts, notes and comments. */
export function textOfPresentation(bytes: Uint8Array): string {
  const archive = unpack(bytes, (path) => /\.(?:xml|rels)$/i.test(path));
  const slides = slidesOf(archive).map((path, at) => slideText(archive, path, at + 1));
  return textOfHtml(slides.join(""));
}

/** The paths of the slides in the order in which they are shown. */
function slidesOf(archive: Archive): string[] {
  const main = pathsOf(archive, /^ppt\/presentation\d*\.xml$/)[0] ?? "ppt/presentation.xml";
  const relations = relationsOf(archive, main);
  const listed = elementsNamed(parseXml(textFile(archive, main)), "sldId").flatMap((slide) => {
    const relation = relations.find(({ id }) => id === slide.attribs["r:id"] || id === attribute(slide, "id"));
    return relation === undefined || !archive.has(relation.path) ? [] : [relation.path];
  });
  return listed.length > 0 ? listed : pathsOf(archive, /^ppt\/slides\/slide\d+\.xml$/);
}

function slideText(archive: Archive, path: string, number: number): string {
  const slide = drawnText(parseXml(textFile(archive, path)));
  const parts = relationsOf(archive, path).map((relation) => partText(archive, relation));
  return `<h2>Slide ${number}</h2>${slide}${parts.join("")}`;
}

function partText(archive: Archive, { kind, path }: Relation): string {
  if (kind === "chart") return chartText(archive, path);
  if (kind === "diagramData") return drawnText(parseXml(textFile(archive, path)));
  if (kind === "notesSlide") return labelled("Notes", notesText(archive, path));
  if (kind !== "comments") return "";
  const comments = elementsNamed(parseXml(textFile(archive, path)), "text").map((text) => escapeHtml(characters(text)));
  return labelled("Comment", comments.map((text) => `<p>${text}</p>`).join(""));
}

/** Of the page of notes, what was written: not the number of the slide. */
function notesText(archive: Archive, path: string): string {
  const shapes = elementsNamed(parseXml(textFile(archive, path)), "sp");
  const written = shapes.filter((shape) =>
    elementsNamed(shape, "ph").some((place) => attribute(place, "type") === "body"),
  );
  return written.map(drawnText).join("");
}
