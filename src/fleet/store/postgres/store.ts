import { readOrder, readStatus } from "../read-stored.js";
import { LeaseLostError, type Batch, type ListedRun, type RunStore } from "../run-store.js";
import { connectDatabase, type Ask, type Database, type Row } from "./connection.js";
import { entriesOf, filesBelow, linesFrom } from "./followed.js";
import { schema } from "./layout.js";
import { workersIn } from "./workers.js";

/** Runs on a PostgreSQL server. Throws SettingsError where it cannot be used. */
export async function openPostgresStore(address: string): Promise<RunStore> {
  const database = await connectDatabase(address);
  const { ask } = database;
  return {
    ...{ place: database.place, server: database.server, warnings: [] },
    hasArtifacts: false,
    ...leasesIn(database),
    ...keptIn(database),
    ...budgetIn(database),
    ...sharedIn(database),
    ...workersIn(database),
    async create(run, order, status) {
      const { rowCount } = await ask(
        `INSERT INTO ${schema}.runs (run, run_order, status) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
        [run, JSON.stringify(order), JSON.stringify(status)],
      );
      return rowCount === 1;
    },
    async setStatus(run, status) {
      const { rowCount } = await ask(
        `UPDATE ${schema}.runs SET status = $2 WHERE run = $1 AND held_until <= clock_timestamp()`,
        [run, JSON.stringify(status)],
      );
      return rowCount === 1;
    },
    async askToEnd(run, asked) {
      await ask(`UPDATE ${schema}.runs SET asked_to_end = $2 WHERE run = $1`, [run, asked]);
    },
    async isAskedToEnd(run) {
      const { rows } = await ask(`SELECT asked_to_end FROM ${schema}.runs WHERE run = $1`, [run]);
      return rows[0]?.["asked_to_end"] === true;
    },
    async look(run) {
      const { rows } = await ask(`SELECT run_order, status FROM ${schema}.runs WHERE run = $1`, [run]);
      return rows[0] === undefined ? null : lookedAt(run, rows[0]);
    },
    list: () => listRuns(ask),
    async remove(run) {
      await ask(`DELETE FROM ${schema}.runs WHERE run = $1`, [run]);
    },
    close: () => database.close(),
  };
}

const leasesIn = ({ ask }: Database): Pick<RunStore, "acquire" | "renew" | "release"> => ({
  acquire: (run, holder, milliseconds) => acquire(ask, run, holder, milliseconds),
  async renew(run, epoch, milliseconds) {
    const { rowCount } = await ask(
      `UPDATE ${schema}.runs SET held_until = clock_timestamp() + $3 * interval '1 millisecond' WHERE run = $1 AND epoch = $2`,
      [run, epoch, milliseconds],
    );
    return rowCount === 1;
  },
  async release(run, epoch) {
    await ask(`UPDATE ${schema}.runs SET held_until = '-infinity' WHERE run = $1 AND epoch = $2`, [run, epoch]);
  },
});

const keptIn = (
  database: Database,
): Pick<RunStore, "put" | "commit" | "read" | "linesFrom" | "filesBelow" | "contents"> => ({
  async put(run, epoch, contents) {
    if (contents.size === 0) return;
    await asHolder(database, run, epoch, async (one) => {
      await one(
        `INSERT INTO ${schema}.contents (run, hash, bytes) SELECT $1, * FROM unnest($2::text[], $3::bytea[]) ON CONFLICT DO NOTHING`,
        [run, [...contents.keys()], [...contents.values()].map((bytes) => Buffer.from(bytes))],
      );
    });
  },
  commit: (run, epoch, batch) =>
    asHolder(database, run, epoch, async (one, held) => {
      await keep(one, run, batch, held.lines);
      await charge(one, run, held.nano, batch.nano, false);
    }),
  read: (run) => readRun(database.ask, run),
  linesFrom: (run, from, most) => linesFrom(database.ask, run, from, most),
  filesBelow: (run, folder) => filesBelow(database.ask, run, folder),
  async contents(run, hashes) {
    if (hashes.length === 0) return [];
    const { rows } = await database.ask(
      `SELECT hash, bytes FROM ${schema}.contents WHERE run = $1 AND hash = ANY($2)`,
      [run, [...hashes]],
    );
    const found = new Map(rows.map(({ hash, bytes }) => [hash as string, bytes as Buffer]));
    return hashes.map((hash) => found.get(hash) ?? null);
  },
});

const budgetIn = (database: Database): Pick<RunStore, "reserve" | "budget" | "limitBudget"> => ({
  reserve: (run, epoch, nano) => asHolder(database, run, epoch, (one, held) => charge(one, run, held.nano, nano, true)),
  async budget() {
    const { rows } = await database.ask(`SELECT spent, most FROM ${schema}.budget`);
    const { spent = 0, most = null } = rows[0] ?? {};
    return { spent: Number(spent), limit: most === null ? null : Number(most) };
  },
  async limitBudget(nano) {
    await database.ask(`UPDATE ${schema}.budget SET most = $1`, [nano]);
  },
});

const sharedIn = ({ ask }: Database): Pick<RunStore, "shared" | "replaceShared"> => ({
  async shared(name) {
    const { rows } = await ask(
      `SELECT (SELECT value FROM ${schema}.shared WHERE name = $1) AS value, extract(epoch FROM clock_timestamp()) * 1000 AS now`,
      [name],
    );
    const { value = null, now } = rows[0] ?? {};
    return { text: value as string | null, now: Math.floor(Number(now)) };
  },
  async replaceShared(name, before, after) {
    const { rowCount } =
      before === null
        ? await ask(`INSERT INTO ${schema}.shared VALUES ($1, $2) ON CONFLICT DO NOTHING`, [name, after])
        : await ask(`UPDATE ${schema}.shared SET value = $3 WHERE name = $1 AND value = $2`, [name, before, after]);
    return rowCount === 1;
  },
});

/**
 * Makes what a run has cost and may still cost `nano`, and the sum over all runs what it is then; false where `isLimited` and that would be
 * too much. The row of the sum is locked until the act ends, so it comes last there.
 */
async function charge(ask: Ask, run: string, before: number, nano: number, isLimited: boolean): Promise<boolean> {
  const change = nano - before;
  if (change === 0) return true;
  const { rowCount } = await ask(
    `UPDATE ${schema}.budget SET spent = spent + $1::bigint WHERE $1::bigint < 0 OR NOT $2 OR most IS NULL OR spent + $1::bigint <= most`,
    [change, isLimited],
  );
  if (rowCount === 0) return false;
  await ask(`UPDATE ${schema}.runs SET nano = $2 WHERE run = $1`, [run, nano]);
  return true;
}

async function listRuns(ask: Ask): Promise<ListedRun[]> {
  const { rows } = await ask(`SELECT run, run_order, status FROM ${schema}.runs ORDER BY run`);
  return rows.map((row) => ({ run: row["run"] as string, ...lookedAt(row["run"] as string, row) }));
}

const lookedAt = (run: string, { run_order: order, status }: Row): Omit<ListedRun, "run"> => ({
  order: readOrder(run, order as string),
  status: readStatus(run, status as string),
});

async function acquire(ask: Ask, run: string, holder: string, milliseconds: number): ReturnType<RunStore["acquire"]> {
  const { rows } = await ask(
    `UPDATE ${schema}.runs SET epoch = epoch + 1, holder = $2, held_until = clock_timestamp() + $3 * interval '1 millisecond'
     WHERE run = $1 AND held_until <= clock_timestamp() RETURNING epoch`,
    [run, holder, milliseconds],
  );
  if (rows[0]) return { epoch: Number(rows[0]["epoch"]) };
  const { rowCount } = await ask(`SELECT FROM ${schema}.runs WHERE run = $1`, [run]);
  return rowCount === 0 ? "missing" : "held";
}

/** How many lines of a run there are, and what it has cost and may still cost. */
type Held = { lines: number; nano: number };

/** Does something for the holder of this epoch; whoever takes the run waits until it is done. */
async function asHolder<Result>(
  { inOneAct }: Database,
  run: string,
  epoch: number,
  work: (ask: Ask, held: Held) => Promise<Result>,
): Promise<Result> {
  return inOneAct(async (ask) => {
    const { rows } = await ask(`SELECT lines, nano FROM ${schema}.runs WHERE run = $1 AND epoch = $2 FOR UPDATE`, [
      run,
      epoch,
    ]);
    if (rows[0] === undefined) throw new LeaseLostError(run);
    return work(ask, { lines: Number(rows[0]["lines"]), nano: Number(rows[0]["nano"]) });
  });
}

async function keep(ask: Ask, run: string, batch: Batch, there: number): Promise<void> {
  const { from, files, dropped, status } = batch;
  const lines = await newLines(ask, run, batch, there);
  if (lines.length > 0) {
    await ask(
      `INSERT INTO ${schema}.lines (run, number, line) SELECT $1, $2 + ordinality - 1, line FROM unnest($3::text[]) WITH ORDINALITY AS given (line, ordinality)`,
      [run, from, [...lines]],
    );
    await ask(`UPDATE ${schema}.runs SET lines = $2 WHERE run = $1`, [run, from + lines.length - 1]);
  }
  const set = files.filter(([, entry]) => entry !== null);
  const gone = files.filter(([, entry]) => entry === null).map(([path]) => path);
  if (gone.length > 0) await ask(`DELETE FROM ${schema}.files WHERE run = $1 AND path = ANY($2)`, [run, gone]);
  if (set.length > 0)
    await ask(
      `INSERT INTO ${schema}.files (run, path, entry) SELECT $1, * FROM unnest($2::text[], $3::text[])
       ON CONFLICT (run, path) DO UPDATE SET entry = excluded.entry`,
      [run, set.map(([path]) => path), set.map(([, entry]) => JSON.stringify(entry))],
    );
  if (dropped.length > 0)
    await ask(`DELETE FROM ${schema}.contents WHERE run = $1 AND hash = ANY($2)`, [run, [...dropped]]);
  if (status !== null) await ask(`UPDATE ${schema}.runs SET status = $2 WHERE run = $1`, [run, JSON.stringify(status)]);
}

/** The lines of a batch that are not there yet. Throws LeaseLostError where they do not follow those that are. */
async function newLines(ask: Ask, run: string, { lines, from }: Batch, there: number): Promise<readonly string[]> {
  const last = lines.at(-1);
  if (last === undefined || there === from - 1) return lines;
  const isThere = there === from + lines.length - 1;
  const { rows } = await ask(`SELECT line FROM ${schema}.lines WHERE run = $1 AND number = $2`, [run, there]);
  if (!isThere || rows[0]?.["line"] !== last) throw new LeaseLostError(run);
  return [];
}

async function readRun(ask: Ask, run: string): ReturnType<RunStore["read"]> {
  const { rows } = await ask(`SELECT run_order, status, epoch FROM ${schema}.runs WHERE run = $1`, [run]);
  if (rows[0] === undefined) return null;
  const { run_order: order, status, epoch } = rows[0];
  const lines = await ask(`SELECT line FROM ${schema}.lines WHERE run = $1 ORDER BY number`, [run]);
  const files = await ask(`SELECT path, entry FROM ${schema}.files WHERE run = $1`, [run]);
  const contents = await ask(`SELECT hash FROM ${schema}.contents WHERE run = $1`, [run]);
  return {
    order: readOrder(run, order as string),
    status: readStatus(run, status as string),
    epoch: Number(epoch),
    lines: lines.rows.map(({ line }) => line as string),
    files: entriesOf(run, files.rows),
    contents: new Set(contents.rows.map(({ hash }) => hash as string)),
  };
}
