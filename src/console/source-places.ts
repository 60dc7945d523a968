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
  return stack.replace(/((?:file:\/\/)?[^\s()][^()\n]*?\.[cm]?js):(\d+):(\d+)/g, (place, file, line, column) => {
    const origin = mapOf(pathOf(file))?.findOrigin(Number(line), Number(column));
    return origin === undefined || !("fileName" in origin)
      ? place
      : `${origin.fileName.replace(/^(\.\.\/)+/, "")}:${origin.lineNumber}:${origin.columnNumber}`;
  });
}

const pathOf = (file: string): string => (file.startsWith("file:") ? fileURLToPath(file) : file);

function readMap(file: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, "utf8")) as SourceMapPayload);
  } catch {
    return null;
  }
}
