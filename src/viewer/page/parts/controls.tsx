import { useState } from "preact/hooks";
import type { Source } from "../sources/source.js";

/** Says something to a run, and stops it. */
export function Controls({ source, run, running }: { source: Source; run: string; running: boolean }) {
  const [text, setText] = useState("");
  const [said, setSaid] = useState<string | null>(null);
  const act = (what: Parameters<Source["act"]>[1]): void => {
    source.act(run, what).then(
      (done) => {
        setSaid(done);
        if (what.kind === "tell") setText("");
      },
      (thrown: Error) => setSaid(thrown.message),
    );
  };
  return (
    <form
      class="controls"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== "") act({ kind: "tell", text });
      }}
    >
      <input
        {...{
          type: "text",
          dir: "auto",
          value: text,
          placeholder: "Say something to the AI",
          "aria-label": "Say something to the AI",
        }}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit" disabled={text.trim() === ""}>
        Say
      </button>
      {running && (
        <button {...{ type: "button", class: "danger", id: "stop" }} onClick={() => act({ kind: "stop" })}>
          Stop
        </button>
      )}
      {said !== null && (
        <span role="status" class="faint">
          {said}
        </span>
      )}
    </form>
  );
}
