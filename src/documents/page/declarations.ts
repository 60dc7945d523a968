/** CSS declarations of one element: names in small letters, the last or important one of each. */
export type Declarations = ReadonlyMap<string, string>;

/** What decides whether text is seen, and how it is laid out; others are not kept. */
const watched =
  /^(?:display|visibility|opacity|font-size|position|left|top|right|bottom|inset|margin-left|margin-top|text-indent|clip|clip-path|transform|scale|zoom|height|width|max-height|max-width|overflow(?:-[xy])?|color|background(?:-color)?|white-space|content-visibility|filter|font)$/;

/** A declaration with its weight: `!important` comes before others. */
export type Declaration = { name: string; value: string; isImportant: boolean };

/** The watched declarations of a style attribute or of a rule's block, in order. */
export function parseDeclarations(style: string): Declaration[] {
  return style
    .replace(/\/\*[\s\S]*?(?:\*\/|$)/g, " ")
    .split(";")
    .flatMap((part): Declaration[] => {
      const colon = part.indexOf(":");
      const name = part.slice(0, colon).trim().toLowerCase();
      if (colon < 1 || !watched.test(name)) return [];
      const written = part
        .slice(colon + 1)
        .trim()
        .toLowerCase();
      const value = written.replace(/\s*!\s*important\s*$/, "");
      return [{ name, value, isImportant: value !== written }];
    });
}

/** A length in pixels, roughly; null for what is none or depends on other elements. */
export function pixels(value: string | undefined): number | null {
  const [, number, unit = ""] =
    /^(-?(?:\d+\.?\d*|\.\d+))(px|pt|em|rem|ex|ch|cm|mm|in|pc|vw|vh|%)?$/.exec(value ?? "") ?? [];
  if (number === undefined) return null;
  if (unit === "" && Number(number) !== 0) return null;
  return Number(number) * (factors[unit] ?? 1);
}

const factors: Readonly<Record<string, number>> = {
  pt: 1.33,
  em: 16,
  rem: 16,
  ex: 8,
  ch: 8,
  cm: 37.8,
  mm: 3.78,
  in: 96,
  pc: 16,
  vw: 12.8,
  vh: 8,
  "%": 10,
};

/** How far from the page's edge text is no longer seen, in pixels. */
const far = -500;

/** Whether these alone hide an element with all that is in it. */
export function hidesAll(style: Declarations): boolean {
  const get = (name: string): string => style.get(name) ?? "";
  if (get("display") === "none" || get("content-visibility") === "hidden") return true;
  if (/^(?:0*\.?0*[012]?|0+%)$/.test(get("opacity")) && Number.parseFloat(get("opacity")) <= 0.02) return true;
  if (/opacity\(\s*0*\.?0*%?\s*\)/.test(get("filter")) || /^0*\.?0+$/.test(get("zoom"))) return true;
  const lengths = (...names: string[]): boolean => names.some((name) => (pixels(get(name)) ?? 0) <= far);
  if (lengths("text-indent", "margin-left", "margin-top")) return true;
  const isPlaced = /^(?:absolute|fixed|relative|sticky)$/.test(get("position"));
  if (
    isPlaced &&
    (lengths("left", "top", "right", "bottom") ||
      get("inset")
        .split(/\s+/)
        .some((one) => (pixels(one) ?? 0) <= far))
  )
    return true;
  if (isPlaced && /^rect\(/.test(get("clip")) && isNoRectangle(get("clip"))) return true;
  if (
    /^(?:inset\(\s*(?:[5-9]\d|100)(?:\.\d+)?%|circle\(\s*0|ellipse\(\s*0|polygon\(\s*(?:0\w*[\s,]*)+\))/.test(
      get("clip-path"),
    )
  )
    return true;
  if (/scale(?:3d|x|y)?\(\s*0*\.?0+\s*[,)]/.test(get("transform")) || /^0*\.?0+$/.test(get("scale"))) return true;
  if (/translate(?:3d|x|y)?\([^)]*-\d{4,}/.test(get("transform"))) return true;
  return (
    /hidden|clip/.test(get("overflow") + get("overflow-x") + get("overflow-y")) &&
    ["height", "width", "max-height", "max-width"].some((name) => Math.abs(pixels(get(name)) ?? 9) <= 1)
  );
}

const isNoRectangle = (clip: string): boolean => {
  const [top = 0, right = 0, bottom = 0, left = 0] = (clip.match(/-?[\d.]+/g) ?? []).map(Number);
  return !clip.includes("auto") && (bottom - top <= 1 || right - left <= 1);
};

/** Whether a font size is too small to be seen; null where none is said that depends on nothing else. */
export function isTiny(style: Declarations): boolean | null {
  const size =
    style.get("font-size") ?? /(?:^|\s)(0(?:px|pt|em|rem|%)?)(?:\/\S+)?\s/.exec(style.get("font") ?? "")?.[1];
  if (size === undefined) return null;
  const given = /%$/.test(size) ? ((pixels(size) ?? 160) / 10) * 1.6 : pixels(size);
  // A size that depends on that around it is nothing where that is nothing.
  if (given !== null && /(?:em|%)$/.test(size) && !/rem$/.test(size) && given > 1.6) return null;
  return given !== null && given <= 1.6;
}

/** A colour's parts, 0 to 255; "none" for a transparent one, null for what is not known. */
export function colour(value: string | undefined): readonly number[] | "none" | null {
  const text = (value ?? "").trim();
  const named = { white: "#fff", black: "#000", transparent: "none" }[text] ?? text;
  if (named === "none") return "none";
  const short = /^#([\da-f])([\da-f])([\da-f])([\da-f])?$/.exec(named);
  const long = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})([\da-f]{2})?$/.exec(named);
  const hex = short ?? long;
  if (hex !== null) {
    if (/^0+$/.test(hex[4] ?? "f")) return "none";
    return hex.slice(1, 4).map((digits) => parseInt(digits.length === 1 ? digits + digits : digits, 16));
  }
  const parts = /^rgba?\(([^)]*)\)$/
    .exec(named)?.[1]
    ?.split(/[\s,/]+/)
    .filter((part) => part !== "");
  if (parts === undefined) return null;
  if (parts[3] !== undefined && Number.parseFloat(parts[3]) === 0) return "none";
  return parts.slice(0, 3).map(Number.parseFloat);
}

/** Whether two colours can hardly be told apart. */
export const areAlike = (one: readonly number[], other: readonly number[]): boolean =>
  one.every((part, at) => Math.abs(part - (other[at] ?? 0)) <= 8);
