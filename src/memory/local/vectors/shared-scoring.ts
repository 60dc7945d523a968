import { hasBlockNumbered } from "../files.js";
import { blockFileOf, type StoredRows } from "./blocks.js";
import { blockRows } from "./block-file.js";
import { startScoringThread, type ScoringThread } from "./scoring-thread.js";
import type { AnsweredBlocks, AskedBlocks } from "./shared-blocks.js";

/** Another thread's half of the blocks of a memory: the first ones. Of a small memory it has none, and there is no such thread. */
export interface SharedScoring {
  /** Starts the thread where the memory of this folder has as many blocks, so that it is there when it is asked. */
  prepare(folder: string): void;
  /** Has the thread begin. `blocks`: how many it scores; `missing`, once it is done: those of them that it could not. It has to be done before the next one. */
  begin(asked: Asked): { blocks: number; missing(): Promise<number[]> };
  /** Of a block that it keeps (see Block). */
  firstsOf(block: number): Uint16Array | null;
  close(): Promise<void>;
}

export type Asked = Omit<AskedBlocks, "files"> & { stored: StoredRows };

export type SharedOptions = { start?: () => ScoringThread | null; fewestBlocks?: number };

/** Fewer blocks are scored in less time than a thread takes to start. */
export const usualFewestBlocks = 256;

export function createSharedScoring({
  start = startScoringThread,
  fewestBlocks = usualFewestBlocks,
}: SharedOptions = {}): SharedScoring {
  let thread: ScoringThread | null | undefined;
  let share = newShare("", 0);
  const running = (): ScoringThread | null => (thread === undefined ? (thread = start()) : thread);
  const giveUp = async (): Promise<void> => {
    const ending = thread;
    thread = null;
    share = newShare(share.vectors, 0);
    await ending?.close();
  };
  return {
    prepare(folder) {
      if (hasBlockNumbered(folder, fewestBlocks - 1)) running();
    },
    begin({ stored, ...asked }) {
      const whole = Math.floor(stored.count / blockRows);
      if (share.vectors !== asked.vectors) share = newShare(asked.vectors, whole < fewestBlocks ? 0 : whole >> 1);
      const scoring = share.blocks === 0 ? null : running();
      if (scoring === null) return { blocks: 0, missing: async () => [] };
      const own = share;
      const files = own.unread.map((block) => ({ block, file: blockFileOf(stored, block) }));
      const answering = scoring.score({ ...asked, files }).then(
        (answer) => note(own, answer, asked.keeps),
        async () => {
          await giveUp();
          return blocksTo(own.blocks);
        },
      );
      return { blocks: own.blocks, missing: () => answering };
    },
    firstsOf: (block) => share.firsts.get(block) ?? null,
    close: giveUp,
  };
}

/**
 * What the thread scores of some vectors: so many blocks, but for those `left` to the other one. What is `unread` it does not keep yet; `firsts` are those
 * of the blocks that it keeps.
 */
type Share = { vectors: string; blocks: number; unread: number[]; left: number[]; firsts: Map<number, Uint16Array> };

const blocksTo = (end: number): number[] => Array.from({ length: end }, (_, block) => block);

const newShare = (vectors: string, blocks: number): Share => ({
  vectors,
  blocks,
  unread: blocksTo(blocks),
  left: [],
  firsts: new Map(),
});

/** Gives the blocks that are left to the other thread. */
function note(share: Share, { missing, firsts }: AnsweredBlocks, keeps: boolean): number[] {
  share.left.push(...missing);
  share.unread = keeps ? [] : share.unread.filter((block) => !missing.includes(block));
  for (const [block, ofBlock] of firsts) share.firsts.set(block, ofBlock);
  return share.left;
}
