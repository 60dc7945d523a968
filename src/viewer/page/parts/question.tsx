import { useState } from "preact/hooks";
import type { PreviewPart } from "../../../history/events/preview.js";
import type { QuestionView } from "../../shapes.js";
import type { Source } from "../sources/source.js";
import { Answers } from "./answers.js";
import { Block, Card, Line, Pill } from "./text.js";

type AskedOptions = { source: Source; run: string; question: QuestionView | null; isOfFleet: boolean };

/** The question of a run; where it asks nothing any more, what came of the last answer that was given here. */
export function Asked({ question, ...rest }: AskedOptions) {
  const [told, setTold] = useState("");
  if (question !== null) return <Question {...{ ...rest, question, onAnswered: setTold }} />;
  return told === "" ? null : (
    <p role="status" class="faint">
      {told}
    </p>
  );
}

type QuestionOptions = AskedOptions & { question: QuestionView; onAnswered(told: string): void };

/** What the run waits with, what it would do, and the ways to answer. */
function Question({ source, run, question, isOfFleet, onAnswered }: QuestionOptions) {
  const { step, command, effect, unconfined, remark, preview, kind } = question;
  const isAnswered = source.live;
  return (
    <Card title="The run waits for you" aside={<Pill tone="warn">step {step}</Pill>}>
      <div class="question" id="question" tabIndex={-1}>
        <p>
          It wants to run{" "}
          <b class="mono">
            <Line text={command.name} />
          </b>{" "}
          <span class="faint">
            (<Line text={effect} />)
          </span>
        </p>
        {unconfined && <p class="warning">This would run code on this machine, and nothing confines it.</p>}
        {remark !== null && (
          <p class="warning">
            <Line text={remark} />
          </p>
        )}
        {preview.length === 0 ? (
          <Arguments args={command.args} />
        ) : (
          preview.map((part, index) => <Part key={index} part={part} />)
        )}
        {preview.length > 0 && (
          <details>
            <summary>Arguments</summary>
            <Arguments args={command.args} />
          </details>
        )}
        {isAnswered && question.question !== null ? (
          <Answers {...{ source, run, question, onAnswered }} key={`${step} ${question.question}`} />
        ) : (
          <p class="faint">{whereElse(source)}</p>
        )}
        {kind === "parked" && isAnswered && <Afterwards {...{ run, isOfFleet }} />}
      </div>
    </Card>
  );
}

/** How a parked run goes on. */
const Afterwards = ({ run, isOfFleet }: { run: string; isOfFleet: boolean }) =>
  isOfFleet ? (
    <p class="faint">No worker has the run while it waits. After an answer one goes on with it.</p>
  ) : (
    <p class="faint">
      The run has ended for this question. After an answer <code>autogpt --resume {run}</code> goes on.
    </p>
  );

/** Where the question is answered, unless it is here. */
function whereElse({ live }: Source): string {
  return live ? "This question is answered at the run's own terminal." : "It waited when this file was written.";
}

export function Arguments({ args }: { args: Readonly<Record<string, unknown>> }) {
  const entries = Object.entries(args);
  if (entries.length === 0) return <p class="faint">It has no arguments.</p>;
  return (
    <div class="arguments">
      {entries.map(([name, value]) => (
        <div key={name}>
          <div class="name">
            <Line text={name} />
          </div>
          <Block text={typeof value === "string" ? value : JSON.stringify(value, null, 2)} mono />
        </div>
      ))}
    </div>
  );
}

function Part({ part }: { part: PreviewPart }) {
  switch (part.kind) {
    case "file":
      return (
        <div class="part">
          <div class="name">
            <Line text={part.path} /> <span class="faint">{fateOf(part)}</span>
          </div>
          {typeof part.after?.text === "string" && <Block text={part.after.text} mono label="The file afterwards" />}
        </div>
      );
    case "text":
      return (
        <div class="part">
          <div class="name">
            <Line text={part.title} />
          </div>
          <Block text={part.text} mono />
        </div>
      );
    case "shell":
      return <Block text={`$ ${part.line}`} mono label="A line that a shell runs" />;
    case "address":
      return (
        <div class="part">
          <div class="name">
            Connects to <Line text={part.host} />
          </div>
          <Block text={part.url} mono />
        </div>
      );
  }
}

function fateOf({ before, after }: Extract<PreviewPart, { kind: "file" }>): string {
  const size = (content: typeof before): string =>
    typeof content?.bytes !== "number" ? "" : ` of ${content.bytes.toLocaleString("en")} bytes`;
  if (after === null) return "would be deleted";
  return before === null ? `new file${size(after)}` : `replaces a file${size(before)} by one${size(after)}`;
}
