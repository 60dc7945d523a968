import { readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { fileURLToPath } from "node:url";

/**
 * A stack with the places of the sources where it names places of a bundle that has a source map beside it (`FILE.map`).
 * Maps are read when this is called and at no other time, so that they cost nothing but in a fault. Never throws.
 */
export function withSourcePlaces(stack: string): string {
  const maps = new Map<string, SourceMap | null>();
  const mapOf = (file: string): SourceMap | null => {
    const known = maps.get(file);
    if (known !== undefined) return known;
    const map = readMap(file);
    maps.set(file, map);
    return map;
  };
  return stack.replace(framePlace, (frame, before, file, line, column) => {
    const origin = mapOf(pathOf(file))?.findOrigin(Number(line), Number(column));
    return origin === undefined || !("fileName" in origin)
      ? frame
      : `${before}${origin.fileName.replace(/^(\.\.\/)+/, "")}:${origin.lineNumber}:${origin.columnNumber}`;
  });
}

/** The place in a line of a stack: `at FILE:1:2` or `at name (FILE:1:2)`. */
const framePlace = /(^\s*at (?:async )?|\()([^()\n]*?\.[cm]?js):(\d+):(\d+)/gm;

const pathOf = (file: string): string => (file.startsWith("file:") ? fileURLToPath(file) : file);

function readMap(file: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, "utf8")) as SourceMapPayload);
  } catch {
    return null;
  }
}
