import { addToSums } from "./row-sums.js";
import { kernelBytes } from "./kernel-bytes.js";

/**
 * Offsets are in bytes of the kernel's memory; the last five describe the compressed query and the block of the rows. Gives the highest bound. See
 * kernel.wat.
 */
export type Scan = (
  row: number,
  count: number,
  width: number,
  query: number,
  upper: number,
  sums: number,
  queryScale: number,
  queryNorm: number,
  queryError: number,
  queryAlong: number,
  slack: number,
) => number;

/** Computes upper bounds of the scores of compressed rows, and a checksum of their bytes; kernel.wat says how. */
export interface Kernel {
  /** The kernel's whole memory. A new object after each `reserve`. */
  readonly buffer: ArrayBuffer;
  /** Makes the memory at least that large and keeps its content. Throws RangeError where the system gives no more. */
  reserve(bytes: number): void;
  readonly scan: Scan;
}

const pageBytes = 65_536;

/** The kernel in WebAssembly with SIMD, else in JavaScript; both give the same numbers to the last bit. */
export const createKernel = (): Kernel => createSimdKernel() ?? createPlainKernel();

/** The part of WebAssembly that is used here. Node may run without WebAssembly. */
type WebAssemblyMemory = { readonly buffer: ArrayBuffer; grow(pages: number): number };
type WebAssemblyGlobal = {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: { memory: WebAssemblyMemory; scan: Scan } };
  CompileError: new () => Error;
};

/** Null where there is no WebAssembly with SIMD, or no memory for it. */
export function createSimdKernel(): Kernel | null {
  const { WebAssembly } = globalThis as { WebAssembly?: WebAssemblyGlobal };
  if (WebAssembly === undefined) return null;
  try {
    const module = new WebAssembly.Module(Buffer.from(kernelBytes, "base64"));
    return aroundMemory(new WebAssembly.Instance(module).exports);
  } catch (error) {
    if (error instanceof WebAssembly.CompileError || error instanceof RangeError) return null;
    throw error;
  }
}

const aroundMemory = ({ memory, scan }: { memory: WebAssemblyMemory; scan: Scan }): Kernel => ({
  get buffer() {
    return memory.buffer;
  },
  reserve(bytes) {
    const missing = bytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
  },
  scan,
});

/** The kernel in JavaScript. */
export function createPlainKernel(): Kernel {
  let buffer = new ArrayBuffer(pageBytes);
  return {
    get buffer() {
      return buffer;
    },
    reserve(bytes) {
      if (bytes <= buffer.byteLength) return;
      const larger = new Uint8Array(Math.max(bytes, buffer.byteLength * 1.5));
      larger.set(new Uint8Array(buffer));
      buffer = larger.buffer;
    },
    scan: (...scanned) => scanPlainly(buffer, ...scanned),
  };
}

function scanPlainly(
  buffer: ArrayBuffer,
  ...[row, count, width, query, upper, sums, queryScale, queryNorm, queryError, queryAlong, slack]: Parameters<Scan>
): number {
  const numbers = new Int16Array(buffer, query, width);
  const bounds = new Float64Array(buffer, upper, count);
  const [bytes, measures] = [new Int8Array(buffer), new Float32Array(buffer)];
  let highest = -Infinity;
  for (let index = 0, at = row; index < count; index += 1, at += width + 16) {
    let dot = 0;
    for (let place = 0; place < width; place += 1) dot += (bytes[at + place] ?? 0) * (numbers[place] ?? 0);
    const [scale = 0, norm = 0, error = 0, along = 0] = measures.subarray((at + width) / 4, (at + width) / 4 + 4);
    const score = dot * (scale * queryScale) + along * queryAlong;
    const margin = error * queryNorm + norm * queryError + slack;
    const bound = score + margin;
    bounds[index] = bound;
    highest = Math.max(highest, bound);
  }
  if (sums !== 0) addToSums(new Uint32Array(buffer, row, (count * (width + 16)) / 4), new Uint32Array(buffer, sums, 8));
  return highest;
}
