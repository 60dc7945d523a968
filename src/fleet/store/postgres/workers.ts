import { readWorker } from "../read-stored.js";
import type { RunStore } from "../run-store.js";
import type { Database } from "./connection.js";
import { schema } from "./layout.js";

/** Which workers are there. */
export const workersIn = ({ ask }: Database): Pick<RunStore, "announce" | "withdraw" | "workers"> => ({
  async announce(facts, milliseconds) {
    await ask(
      `INSERT INTO ${schema}.workers VALUES ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')
       ON CONFLICT (worker) DO UPDATE SET facts = excluded.facts, there_until = excluded.there_until`,
      [facts.worker, JSON.stringify(facts), milliseconds],
    );
    await ask(`DELETE FROM ${schema}.workers WHERE there_until <= clock_timestamp()`);
  },
  async withdraw(worker) {
    await ask(`DELETE FROM ${schema}.workers WHERE worker = $1`, [worker]);
  },
  async workers() {
    const { rows } = await ask(
      `SELECT facts FROM ${schema}.workers WHERE there_until > clock_timestamp() ORDER BY worker`,
    );
    return rows.map(({ facts }) => readWorker(facts as string)).filter((facts) => facts !== null);
  },
});
