import { useState } from "preact/hooks";
import type { AnswerBody, QuestionView } from "../../shapes.js";
import type { Source } from "../sources/source.js";

type AnswersOptions = {
  source: Source;
  run: string;
  question: QuestionView;
  /** Is told what came of an answer: by then the run may ask nothing any more. */
  onAnswered(told: string): void;
};
type Sent = { state: "open" } | { state: "sending" } | { state: "done" | "failed"; text: string };

/** The ways to answer a question. What was sent can be sent again only where it has failed: the first answer counts. */
export function Answers({ source, run, question, onAnswered }: AnswersOptions) {
  const [text, setText] = useState("");
  const [sent, setSent] = useState<Sent>({ state: "open" });
  const busy = sent.state === "sending" || sent.state === "done";
  const answer = (what: AnswerBody["answer"]): void => {
    setSent({ state: "sending" });
    const said = text.trim() === "" || what === "run" ? {} : { text };
    const body = { step: question.step, question: question.question ?? "", answer: what, ...said };
    source.act(run, { kind: "answer", body }).then(
      (done) => {
        setSent({ state: "done", text: done });
        onAnswered(done);
      },
      (thrown: Error) => setSent({ state: "failed", text: thrown.message }),
    );
  };
  return (
    <div class="answers">
      <label>
        <span>A reason, or what it is to do instead</span>
        <textarea {...{ rows: 2, dir: "auto", value: text }} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <div class="buttons">
        <Button
          {...{ id: "approve", className: "primary", disabled: busy }}
          press={() => answer("run")}
          name="Approve"
        />
        <Button {...{ id: "deny", disabled: busy }} press={() => answer("deny")} name="Deny" />
        <Button
          {...{ id: "feedback", disabled: busy || text.trim() === "" }}
          press={() => answer("feedback")}
          name="Say this instead"
        />
        {question.kind === "live" && (
          <Button
            {...{ id: "stop-here", className: "danger", disabled: busy }}
            press={() => answer("stop")}
            name="Stop the run"
          />
        )}
      </div>
      {(sent.state === "done" || sent.state === "failed") && (
        <p role="status" class={sent.state === "failed" ? "warning" : "faint"}>
          {sent.text}
        </p>
      )}
    </div>
  );
}

type ButtonOptions = { id: string; name: string; className?: string; disabled: boolean; press(): void };

const Button = ({ id, name, className = "", disabled, press }: ButtonOptions) => (
  <button {...{ type: "button", class: className, id, disabled }} onClick={press}>
    {name}
  </button>
);
