import type { Receipts, RecordReceipt } from "../../shapes.js";
import { counted } from "../words.js";
import { Table } from "./table.js";
import { Card, Line } from "./text.js";

type MemoryOptions = { receipts: Receipts; run: string; open(step: number): void };

/** What memory took from the run, and which records it put before the model, the most frequent first. */
export function Memory({ receipts, run, open }: MemoryOptions) {
  const { remembered, recalled, records, moreRecords } = receipts;
  if (remembered === 0 && recalled === 0) return null;
  return (
    <Card title="Memory">
      <p>
        {counted(remembered, "step")} remembered, {counted(recalled, "record")} recalled.
      </p>
      {records.length > 0 && (
        <div class="scrolls" tabIndex={0} role="group" aria-label="Records that memory recalled">
          <Table columns={["Record", "Times", "Best score", "In steps"]}>
            {records.map((record) => (
              <Record key={record.id} {...{ record, run, open }} />
            ))}
          </Table>
        </div>
      )}
      {moreRecords > 0 && <p class="faint">and {counted(moreRecords, "other record")}</p>}
    </Card>
  );
}

type RecordOptions = { record: RecordReceipt; run: string; open(step: number): void };

function Record({ record: { source, times, bestScore, firstStep, lastStep }, run, open }: RecordOptions) {
  return (
    <tr>
      <th scope="row">
        <Line text={source.kind} /> <Line text={source.from ?? ""} className="mono" />
        <div class="faint">
          {source.run === run ? "" : <Line text={`${source.run}, `} />}step {source.step}
          {source.tainted === true && <span class="waste"> holds text of others</span>}
        </div>
      </th>
      <td>{times}</td>
      <td>{bestScore.toFixed(3)}</td>
      <td>
        <StepLink step={firstStep} open={open} />
        {lastStep !== firstStep && (
          <>
            –<StepLink step={lastStep} open={open} />
          </>
        )}
      </td>
    </tr>
  );
}

const StepLink = ({ step, open }: { step: number; open(step: number): void }) => (
  <button type="button" class="quiet" aria-label={`Open step ${step}`} onClick={() => open(step)}>
    {step}
  </button>
);
