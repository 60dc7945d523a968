import { visitVectors, type VectorsFile } from "./vectors-file.js";

/**
 * So many bytes of rows are kept. Steps of a run resemble one another, so that what is recalled is chosen from hundreds that the compressed
 * vectors cannot tell apart.
 */
const usualBytes = 2 << 20;

/** The vectors of a memory that were looked at or added last: a step looks for the most part at those of the step before. */
export interface KeptRows {
  /** As `visitVectors`; what is kept was held against its sum when it was read. */
  visit: typeof visitVectors;
  /** Is told of a row that was just written, so that it need not be read. */
  note(file: VectorsFile, row: number, vector: Float32Array): void;
}

const sumOf = ({ sums }: VectorsFile, row: number): number => sums?.[row] ?? 0;

export function createKeptRows(bytes = usualBytes): KeptRows {
  let [path, room, width] = ["", 0, 0];
  let values = new Float32Array(0);
  let sums = new Uint32Array(0);
  /** The places of rows in `values`, the row that was asked for last at the end. */
  const places = new Map<number, number>();
  const begin = ({ path: now, dimension }: VectorsFile): void => {
    if (now === path) return;
    path = now;
    places.clear();
    width = dimension;
    room = Math.max(1, Math.floor(bytes / (dimension * Float32Array.BYTES_PER_ELEMENT)));
    values = new Float32Array(room * dimension);
    sums = new Uint32Array(room);
  };
  const placeFor = (row: number): number => {
    const [oldest] = places;
    const place = places.get(row) ?? (places.size < room || oldest === undefined ? places.size : oldest[1]);
    if (places.size >= room && oldest !== undefined && !places.has(row)) places.delete(oldest[0]);
    places.delete(row);
    places.set(row, place);
    return place;
  };
  const keep = (file: VectorsFile, row: number, vector: Float32Array): void => {
    const place = placeFor(row);
    values.set(vector, place * width);
    sums[place] = sumOf(file, row);
  };
  const isOther = (file: VectorsFile, row: number): boolean => {
    const place = places.get(row);
    return place !== undefined && sums[place] !== sumOf(file, row);
  };
  return {
    note(file, row, vector) {
      begin(file);
      keep(file, row, vector);
    },
    visit(file, rows, visit) {
      begin(file);
      // The file was put back as it was earlier, and went on differently.
      if (rows.some((row) => isOther(file, row))) places.clear();
      if (rows.length > room) return visitVectors(file, rows, visit);
      const missing = rows.filter((row) => !places.has(row));
      // What is asked for again is the newest again, and stays while the others are read.
      for (const row of rows) if (places.has(row)) placeFor(row);
      visitVectors(file, missing, (row, vector) => keep(file, row, vector));
      for (const row of rows) {
        const start = (places.get(row) as number) * width;
        visit(row, values.subarray(start, start + width));
      }
    },
  };
}
