import type { Overview, StepRow } from "../../shapes.js";
import { counted, dollars, percent, short } from "../words.js";
import { CacheChart, CostChart, LeftChart, TokenChart } from "./charts.js";
import { Table } from "./table.js";
import { Card, Line } from "./text.js";

export function Money({ overview, rows }: { overview: Overview; rows: readonly StepRow[] }) {
  const { money, limits, totals, spending, reading } = overview;
  const left = limits.costUsd === null ? null : Math.max(0, limits.costUsd - money.settledUsd - money.reservedUsd);
  return (
    <Card title="Cost">
      <div class="figures">
        <Figure name="settled" value={dollars(money.settledUsd)} />
        <Figure name="reserved" value={dollars(money.reservedUsd)} />
        <Figure name="left" value={left === null ? "no limit" : dollars(left)} />
        <Figure name="waste" value={reading === null ? dollars(money.wasteUsd) : "…"} />
      </div>
      {limits.costUsd !== null && limits.costUsd > 0 && <Meter {...{ ...money, limit: limits.costUsd }} />}
      {totals.unpriced && <p class="faint">Some models have no known price: this is what the rest cost.</p>}
      {totals.estimated && <p class="faint">Some of it no server has reported: the bill may be lower.</p>}
      {reading === null && rows.length > 1 && (
        <>
          <p class="legend">
            <i class="sent" /> settled <i class="answered" /> with what was reserved <i class="wasted" /> waste, by step
          </p>
          <CostChart rows={rows} />
          {limits.costUsd !== null && limits.costUsd > 0 && (
            <>
              <p class="legend">left of the limit, by step</p>
              <LeftChart rows={rows} limitUsd={limits.costUsd} />
            </>
          )}
        </>
      )}
      {reading === null && spending.length > 0 && <SpendingTable spending={spending} />}
    </Card>
  );
}

const SpendingTable = ({ spending }: Pick<Overview, "spending">) => (
  <Table columns={["Model, purpose", "Requests", "Tokens", "Cost"]}>
    {spending.map(({ model, purpose, totals: used }) => (
      <tr key={`${model} ${purpose}`}>
        <th scope="row">
          <Line text={model} /> <span class="faint">{purpose}</span>
        </th>
        <td>{used.requests}</td>
        <td>{short(used.promptTokens + used.completionTokens + used.embeddingTokens)}</td>
        <td>{dollars(used.costUsd)}</td>
      </tr>
    ))}
  </Table>
);

const Figure = ({ name, value }: { name: string; value: string }) => (
  <div class="figure">
    <b>{value}</b>
    <span>{name}</span>
  </div>
);

function Meter({ settledUsd, reservedUsd, limit }: { settledUsd: number; reservedUsd: number; limit: number }) {
  const share = (amount: number): string => `${Math.min(100, (100 * amount) / limit)}%`;
  const label = `${dollars(settledUsd)} settled and ${dollars(reservedUsd)} reserved of ${dollars(limit)}`;
  return (
    <div class="meter" role="img" aria-label={label} title={label}>
      <span class="settled" style={{ width: share(settledUsd) }} />
      <span class="reserved" style={{ width: share(reservedUsd) }} />
    </div>
  );
}

export function Tokens({ overview, rows }: { overview: Overview; rows: readonly StepRow[] }) {
  const { promptTokens, cachedTokens, completionTokens, embeddingTokens, requests } = overview.totals;
  return (
    <Card title="Tokens">
      <div class="figures">
        <Figure name="sent" value={short(promptTokens)} />
        <Figure name="from cache" value={percent(cachedTokens, promptTokens)} />
        <Figure name="answered" value={short(completionTokens)} />
        <Figure name="embedded" value={short(embeddingTokens)} />
      </div>
      {overview.reading === null && rows.length > 1 && (
        <>
          <p class="legend">
            <i class="sent" /> sent <i class="cached" /> cached <i class="answered" /> answered, by step
          </p>
          <TokenChart rows={rows} />
          <p class="legend">share from the cache, by step</p>
          <CacheChart rows={rows} />
        </>
      )}
      <p class="faint">{counted(requests, "request")}</p>
    </Card>
  );
}
