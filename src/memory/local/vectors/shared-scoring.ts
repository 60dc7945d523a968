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
      const unread = unreadBlocks(own);
      const files = unread.map((block) => ({ block, file: blockFileOf(stored, block) }));
      const answering = scoring.score({ ...asked, files }).then(
        (answer) => note(own, answer, asked.keeps ? unread : []),
        async () => {
          await giveUp();
          return blocksOf(own);
        },
      );
      return { blocks: own.blocks, missing: () => answering };
    },
    firstsOf: (block) => share.firsts.get(block) ?? null,
    close: giveUp,
  };
}

/** What the thread scores of some vectors: so many blocks, but for those `left` to the other one; which it has `kept`, and the equal rows of these. */
type Share = {
  vectors: string;
  blocks: number;
  kept: Set<number>;
  left: Set<number>;
  firsts: Map<number, Uint16Array>;
};

const newShare = (vectors: string, blocks: number): Share => ({
  vectors,
  blocks,
  kept: new Set(),
  left: new Set(),
  firsts: new Map(),
});

const blocksOf = ({ blocks }: Share): number[] => Array.from({ length: blocks }, (_, block) => block);

const unreadBlocks = (share: Share): number[] =>
  blocksOf(share).filter((block) => !share.kept.has(block) && !share.left.has(block));

/** Gives the blocks that are left to the other thread. */
function note(share: Share, { missing, firsts }: AnsweredBlocks, keptNow: readonly number[]): number[] {
  for (const block of keptNow) share.kept.add(block);
  for (const block of missing) {
    share.kept.delete(block);
    share.left.add(block);
  }
  for (const [block, ofBlock] of firsts) share.firsts.set(block, ofBlock);
  return [...share.left];
}
