import { compressedBytes } from "../../vectors/compress.js";
import type { Kernel } from "../../vectors/kernel.js";
import { layout, type AskedQuery } from "./asked-query.js";
import { blockRows, readBlock, type Block, type BlockFile } from "./block-file.js";
import { blockFileOf, commonReference, compressRows, equalRowsOf, makeBlock, type StoredRows } from "./blocks.js";
import type { EqualRows } from "./equal-rows.js";

/** Room for some rows of a block in a kernel's memory, from `start` on. */
export type Room = { kernel: Kernel; start: number; bytes: number };
/** Where the rows of a block are kept, and how many of them are there. As long as they are not all there, `equal` goes on with them. */
export type Slot = Block & Room & { rows: number; equal: EqualRows | null };

/** The memory of a kernel is limited (4 GiB), so rows are spread over as many kernels as they need. */
export const usualBankBytes = 1 << 30;

/** So many rows are read at a time where none is kept: they stay in the processor's own memory until they are scored. */
const passingRows = 256;

/** Room for rows of which none is kept. */
export function createRoom(dimension: number, create: () => Kernel): Room {
  const { rows: start } = layout(dimension);
  const bytes = passingRows * compressedBytes(dimension);
  const kernel = create();
  kernel.reserve(start + bytes);
  return { kernel, start, bytes };
}

/** Gives slots for the blocks of a memory, spread over as many kernels as they need. Makes room for as many as are still to come at once. */
export function createSlots(dimension: number, create: () => Kernel, bankBytes: number): (toCome: number) => Slot {
  const bytes = blockRows * compressedBytes(dimension);
  const most = Math.max(1, Math.floor(bankBytes / bytes));
  const first = layout(dimension).rows;
  let [kernel, used]: [Kernel | null, number] = [null, 0];
  return (toCome) => {
    if (kernel === null || used === most) [kernel, used] = [create(), 0];
    kernel.reserve(first + Math.min(most, used + toCome) * bytes);
    used += 1;
    return {
      kernel,
      start: first + (used - 1) * bytes,
      bytes,
      rows: 0,
      reference: null,
      longest: 0,
      firsts: null,
      equal: null,
    };
  };
}

/** Writes the bounds of the rows in a slot to `found`, which has one for each of its block. Gives the highest. Keeps what is not there yet. */
export async function scoreKept(
  slot: Slot,
  blockBefore: Block | undefined,
  stored: StoredRows,
  block: number,
  ask: AskedQuery,
  found: Float64Array,
): Promise<number> {
  if (found.length === blockRows && slot.rows < blockRows) {
    const highest = fillSlot(slot, blockFileOf(stored, block), ask, found);
    if (highest !== null) return highest;
    Object.assign(slot, await makeBlock(stored, block, viewOf(slot)), { rows: blockRows, equal: null });
  } else extend(slot, blockBefore, stored, block, found.length);
  return ask.scan(slot.kernel, slot.start, slot, found);
}

/** Reads a whole block into its slot and scores it. Gives the highest bound; null, with nothing in the slot, where there is no right file. */
export function fillSlot(slot: Slot, file: BlockFile, ask: AskedQuery, found: Float64Array): number | null {
  slot.rows = 0;
  const read = scoreBlock(slot, file, ask, found);
  if (read === null) return null;
  const { highest, ...block } = read;
  Object.assign(slot, block, { rows: blockRows, equal: null });
  return highest;
}

const viewOf = ({ kernel, start, bytes }: Room): Uint8Array => new Uint8Array(kernel.buffer, start, bytes);

/** Compresses what is missing of the rows that fill no block, beside what the block before has in common, if there is one. */
function extend(slot: Slot, blockBefore: Block | undefined, stored: StoredRows, block: number, rows: number): void {
  // Records were taken away at the end, as damaged ones are.
  if (rows < slot.rows) slot.rows = 0;
  const span = { first: block * blockRows + slot.rows, rows: rows - slot.rows };
  if (span.rows === 0) return;
  if (slot.rows === 0) {
    slot.equal = null;
    slot.reference = blockBefore === undefined ? commonReference(stored, span) : blockBefore.reference;
    slot.longest = 0;
  }
  const bytes = viewOf(slot).subarray(slot.rows * compressedBytes(stored.header.dimension));
  const equal = (slot.equal ??= equalRowsOf(stored, block));
  slot.longest = Math.max(slot.longest, compressRows(stored, span, slot.reference, equal, bytes));
  slot.firsts = equal.firsts;
  slot.rows = rows;
}

/**
 * Scores the rows of a whole block while they are read into the room, which need not have space for all of them. Null where there is no
 * right file.
 */
export function scoreBlock(
  room: Room,
  file: BlockFile,
  ask: AskedQuery,
  found: Float64Array,
): (Block & { highest: number }) | null {
  const rowBytes = compressedBytes(file.dimension);
  const { kernel, start } = room;
  let highest = -Infinity;
  ask.beginSums(kernel);
  const head = readBlock(file, viewOf(room), (block, from, length) => {
    const piece = found.subarray(from / rowBytes, (from + length) / rowBytes);
    highest = Math.max(highest, ask.scan(kernel, start, block, piece, "summed"));
  });
  if (head === null || !ask.fits(kernel, head.sums)) return null;
  return { reference: head.reference, longest: head.longest, firsts: head.firsts, highest };
}
