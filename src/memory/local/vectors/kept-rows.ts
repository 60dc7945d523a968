import { visitVectors, type VectorsFile } from "./vectors-file.js";

/**
 * So many bytes of rows are kept. Steps of a run resemble one another, so that what is recalled is chosen from hundreds that the compressed
 * vectors cannot tell apart.
 */
const usualBytes = 2 << 20;

/** The vectors of a memory that were looked at last: a step looks for the most part at those of the step before. */
export interface KeptRows {
  /** As `visitVectors`, in another order; what is kept was held against its sum when it was read. */
  visit: typeof visitVectors;
}

export function createKeptRows(bytes = usualBytes): KeptRows {
  let [path, room] = ["", 0];
  let values = new Float32Array(0);
  let sums = new Uint32Array(0);
  /** The places of rows in `values`, the row that was asked for last at the end. */
  const places = new Map<number, number>();
  const placeOf = (row: number): number => {
    const [oldest] = places;
    const place = places.size < room || oldest === undefined ? places.size : oldest[1];
    if (places.size >= room && oldest !== undefined) places.delete(oldest[0]);
    places.set(row, place);
    return place;
  };
  return {
    visit(file: VectorsFile, rows, visit) {
      const { dimension } = file;
      if (file.path !== path) {
        path = file.path;
        places.clear();
        room = Math.max(1, Math.floor(bytes / (dimension * Float32Array.BYTES_PER_ELEMENT)));
        values = new Float32Array(room * dimension);
        sums = new Uint32Array(room);
      }
      const sumOf = (row: number): number => file.sums?.[row] ?? 0;
      const missing: number[] = [];
      for (const row of rows) {
        const place = places.get(row);
        // The file was put back as it was earlier, and went on differently.
        if (place !== undefined && sums[place] !== sumOf(row)) places.clear();
        if (place === undefined || sums[place] !== sumOf(row)) missing.push(row);
        else {
          places.delete(row);
          places.set(row, place);
          visit(row, values.subarray(place * dimension, (place + 1) * dimension));
        }
      }
      const areKept = missing.length <= room;
      visitVectors(file, missing, (row, vector) => {
        if (areKept) {
          const place = placeOf(row);
          values.set(vector, place * dimension);
          sums[place] = sumOf(row);
        }
        visit(row, vector);
      });
    },
  };
}
