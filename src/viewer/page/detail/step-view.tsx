import { useEffect, useRef, useState } from "preact/hooks";
import type { CommandCall, Thoughts } from "../../../history/event-parts.js";
import type { StepDetail, StepRow } from "../../shapes.js";
import { Arguments } from "../parts/question.js";
import { Diff } from "../parts/diff.js";
import { Guarded } from "../parts/guarded.js";
import { Block, Card, Line, Pill } from "../parts/text.js";
import type { Source } from "../sources/source.js";
import { stepState } from "../words.js";
import { Approval, Found } from "./approval.js";
import { Context, Requests, Talk } from "./context.js";
import { ofType } from "./of-type.js";

export type StepViewOptions = {
  source: Source;
  run: string;
  row: StepRow;
  rows: readonly StepRow[];
  open(step: number): void;
  close(): void;
};

/** All of one step. It is asked for when it is opened, and again while it goes on. */
export function StepView({ source, run, row, rows, open, close }: StepViewOptions) {
  const { step } = row;
  const { detail, problem } = useDetail(source, run, row);
  const { word, tone } = stepState(row.state, row.ok);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [step]);
  return (
    <section class="step" aria-label={`Step ${step}`} onKeyDown={(event) => event.key === "Escape" && close()}>
      <header class="bar">
        <h2 tabIndex={-1} ref={heading}>
          Step {step}
        </h2>
        <Pill tone={tone}>{word}</Pill>
        <span class="space" />
        <button {...{ type: "button", class: "quiet", disabled: step <= 1 }} onClick={() => open(step - 1)}>
          Previous
        </button>
        <button
          {...{ type: "button", class: "quiet", disabled: step >= (rows.at(-1)?.step ?? 0) }}
          onClick={() => open(step + 1)}
        >
          Next
        </button>
        <button {...{ type: "button", class: "quiet", id: "close" }} onClick={close}>
          Close
        </button>
      </header>
      <div class="scroll" tabIndex={0} role="group" aria-label={`All of step ${step}`}>
        {problem !== null && <p class="warning">{problem}</p>}
        {detail === null ? (
          problem === null && <p class="empty">Reading …</p>
        ) : (
          <Parts key={detail.step} {...{ detail, row, rows, open }} />
        )}
      </div>
    </section>
  );
}

type Asked = { of: string; detail: StepDetail | null; problem: string | null };

function useDetail(source: Source, run: string, row: StepRow): Omit<Asked, "of"> {
  const of = `${run} ${row.step}`;
  const [asked, setAsked] = useState<Asked>({ of, detail: null, problem: null });
  useEffect(() => {
    let stale = false;
    source.detail(run, row.step).then(
      (detail) => stale || setAsked({ of, detail, problem: null }),
      (thrown: Error) => stale || setAsked({ of, detail: null, problem: thrown.message }),
    );
    return () => void (stale = true);
  }, [of, row]);
  return asked.of === of ? asked : { detail: null, problem: null };
}

type PartsOptions = Pick<StepViewOptions, "row" | "rows" | "open"> & { detail: StepDetail };

function Parts({ detail, row, rows, open }: PartsOptions) {
  const { events, diff } = detail;
  const parsed = ofType(events, "reply-parsed").at(-1);
  const started = ofType(events, "command-start").at(-1);
  const end = ofType(events, "step-end").at(-1);
  const command = end?.command ?? started?.command ?? parsed?.command ?? null;
  return (
    <>
      <Guarded>{parsed !== undefined && <Said thoughts={parsed.thoughts} />}</Guarded>
      {typeof parsed?.problem === "string" && (
        <Card title="The reply could not be used">
          <p class="warning">
            <Line text={parsed.problem} />
          </p>
        </Card>
      )}
      <Guarded>{command !== null && <Command {...command} />}</Guarded>
      <Guarded>
        <Approval events={events} />
      </Guarded>
      <Guarded>{end !== undefined && <Result end={end} />}</Guarded>
      {diff !== "" && (
        <Card title="What changed">
          <Diff text={diff} />
        </Card>
      )}
      <Guarded>
        <Talk events={events} />
      </Guarded>
      <Guarded>
        <Context {...{ events, detail, row, rows, open }} />
      </Guarded>
      <Guarded>
        <Requests events={events} />
      </Guarded>
      <Guarded>
        <Found events={events} />
      </Guarded>
      <AsItCame events={events} />
    </>
  );
}

const Command = ({ name, args }: CommandCall) => (
  <Card
    title="Command"
    aside={
      <b class="mono">
        <Line text={name} />
      </b>
    }
  >
    <Arguments args={args} />
  </Card>
);

/** The model's text and the events, as they are. */
function AsItCame({ events }: Pick<StepDetail, "events">) {
  const reply = ofType(events, "model-replied").findLast(({ purpose }) => purpose === "think");
  return (
    <>
      {typeof reply?.text === "string" && (
        <details class="card">
          <summary>The model's text, as it came</summary>
          <Block text={reply.text} mono />
        </details>
      )}
      <details class="card">
        <summary>Events of the journal ({events.length})</summary>
        <Block text={events.map((event) => JSON.stringify(event)).join("\n")} mono />
      </details>
    </>
  );
}

function Said({ thoughts: { text, reasoning, plan, criticism, speak } }: { thoughts: Thoughts }) {
  const parts: [string, string][] = [
    ["", text],
    ["Reasoning", reasoning],
    ["Plan", plan],
    ["Criticism", criticism],
    ["Said aloud", speak === text ? "" : speak],
  ];
  const said = parts.filter(([, value]) => value !== "");
  if (said.length === 0) return null;
  return (
    <Card title="Thoughts">
      {said.map(([name, value]) => (
        <div class="thought" key={name}>
          {name !== "" && <div class="name">{name}</div>}
          <Block text={value} />
        </div>
      ))}
    </Card>
  );
}

function Result({
  end: { result, interrupted },
}: {
  end: Extract<StepDetail["events"][number], { type: "step-end" }>;
}) {
  const { ok, text, links = [], sandbox, edited } = result;
  return (
    <Card title="Result" aside={<Pill tone={ok ? "good" : "bad"}>{ok ? "ok" : "error"}</Pill>}>
      {interrupted !== undefined && <p class="faint">The run was interrupted in it; afterwards: {interrupted}.</p>}
      {edited !== undefined && (
        <p class="faint">
          <Line text={edited} />
        </p>
      )}
      <Block text={text} mono />
      {links.length > 0 && (
        <details>
          <summary>Addresses that it offers ({links.length})</summary>
          <Block text={links.join("\n")} mono />
        </details>
      )}
      {sandbox !== undefined && (
        <p class="faint">
          Confined by <Line text={sandbox} />
        </p>
      )}
    </Card>
  );
}
