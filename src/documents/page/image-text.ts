import type { AnyNode, ChildNode, Element } from "domhandler";
import { cleanLine } from "../../base/text.js";
import { plainFormula } from "./formulas.js";
import { textWithin } from "./nodes.js";

const longestAlt = 500;
/** In a long article, pictures in links and lists with a longer text are photographs as well. */
const mostLabelWords = 3;
/** Elements of which an image often is all there is: what it shows is what they say. */
const labelled = /^(?:a|b|button|dd|dt|em|h[1-6]|label|li|span|strong|td|th)$/;

/** `telling`: of pictures that stand by themselves those only that show data, not the photographs of an article. */
export type Images = "all" | "telling";

const tellingWords =
  /\b(?:chart|graph|diagram|plot|table|map|timeline|infographic|screenshot|formula|equation|schema|figure \d)/i;

/**
 * What an image says: the text that its author gave for it; in the midst of a line as it is, such as that of a formula,
 * and elsewhere marked as an image's. File names and repeated captions say nothing.
 */
export function imageText(image: Element, images: Images): string {
  const alt = cleanLine(plainFormula(image.attribs["alt"] ?? ""), longestAlt);
  if (
    alt === "" ||
    /\.(?:jpe?g|png|gif|webp|svg|avif)$/i.test(alt) ||
    /^(?:image|photo|logo|icon|img|picture)$/i.test(alt)
  )
    return "";
  // A name of a file, without its ending.
  if (/^[\w-]{12,}$/.test(alt) && /[-_]/.test(alt)) return "";
  const parent = image.parent as Element | null;
  const beside = [image.prev, image.next, image.prev?.prev, image.next?.next].filter(
    (node): node is ChildNode => node !== null && node !== undefined && hasText(node),
  );
  if (beside.some((child) => ownText(child).includes(alt)) || isCaption(image, alt)) return "";
  const isLabel = parent !== null && labelled.test(parent.name ?? "");
  if (beside.some((child) => child.type === "text") || !/[\p{L}\p{N}]/u.test(alt)) return alt;
  if (isLabel && (images === "all" || alt.split(/\s+/).length <= mostLabelWords)) return alt;
  return images === "all" || tellingWords.test(alt) ? ` [image: ${alt}] ` : "";
}

const hasText = (node: AnyNode): boolean => ownText(node).trim() !== "";

/** Text of a node and of its children; deeper text is not looked for. */
const ownText = (node: AnyNode): string =>
  node.type === "text"
    ? node.data
    : "children" in node
      ? node.children.map((child) => (child.type === "text" ? child.data : "")).join("")
      : "";

/** Whether the caption of the figure that an image is in says the same. */
function isCaption(image: Element, alt: string): boolean {
  let figure = image.parent as Element | null;
  for (let up = 0; up < 5 && figure !== null && figure.name !== "figure"; up++)
    figure = figure.parent as Element | null;
  const caption =
    figure?.name === "figure" ? figure.children.find((child) => (child as Element).name === "figcaption") : undefined;
  return caption !== undefined && textWithin(caption).replace(/\s+/g, " ").includes(alt.replace(/…$/, "").slice(0, 60));
}
