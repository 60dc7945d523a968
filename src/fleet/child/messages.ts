import * as z from "zod";

/**
 * Until when a run is the worker's, by two clocks of this computer in milliseconds, each of which may stand still or be set: one that
 * counts since the start of the computer, and that of the day.
 */
export const heldUntil = z.object({ monotonicMs: z.number(), dayMs: z.number() });
export type HeldUntil = Readonly<z.infer<typeof heldUntil>>;

const rate = z.object({ limit: z.number().min(1), remaining: z.number().min(0), windowMs: z.number().min(1) });
const rates = z.object({
  requests: rate.exactOptional(),
  tokens: rate.exactOptional(),
  closedMs: z.number().min(0).exactOptional(),
});
/** Of which server it is: nobody can tell its key from it. */
const server = z.string().regex(/^[0-9a-f]{32}$/);

/**
 * What a run asks its worker for: to keep these lines of its journal; to set aside so many nano-dollars of the fleet's budget; for a turn at
 * a server; to tell others what that has said of its limits.
 */
export const runMessage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("accept"), id: z.int(), lines: z.array(z.string()) }),
  z.object({ type: z.literal("reserve"), id: z.int(), nano: z.int().min(0), priced: z.boolean() }),
  z.object({ type: z.literal("turn"), id: z.int(), server, tokens: z.number().min(0), taken: z.boolean() }),
  z.object({ type: z.literal("heard"), id: z.int(), server, rates }),
]);
export type RunMessage = z.infer<typeof runMessage>;

/** What the worker answers, and what it says when it holds the run for longer. */
export const workerMessage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("accepted"), id: z.int(), until: heldUntil }),
  z.object({ type: z.literal("refused"), id: z.int(), message: z.string() }),
  z.object({ type: z.literal("too-dear"), id: z.int(), message: z.string(), advice: z.string() }),
  z.object({ type: z.literal("wait"), id: z.int(), milliseconds: z.number().min(0) }),
  z.object({ type: z.literal("held"), until: heldUntil }),
]);
export type WorkerMessage = z.infer<typeof workerMessage>;

/** Both clocks. The first one is the same for all processes of the computer. */
export const bothClocks = (): HeldUntil => ({
  monotonicMs: Number(process.hrtime.bigint() / 1_000_000n),
  dayMs: Date.now(),
});

/** Whether a run is still held; both clocks have to say so. */
export const isHeld = (until: HeldUntil, now: HeldUntil = bothClocks()): boolean =>
  now.monotonicMs < until.monotonicMs && now.dayMs < until.dayMs;

/** So many milliseconds after `from`. */
export const after = (from: HeldUntil, milliseconds: number): HeldUntil => ({
  monotonicMs: from.monotonicMs + milliseconds,
  dayMs: from.dayMs + milliseconds,
});
