import { useState } from "preact/hooks";
import { escapeControls } from "../../../base/escape.js";
import { firstCharacters } from "../../../base/text.js";

const linesFirst = 200;
const mostOfLine = 2_000;

/** A unified diff: what came green, what went red, each with its sign. */
export function Diff({ text }: { text: string }) {
  const [most, setMost] = useState(linesFirst);
  const lines = text.replace(/\n$/, "").split("\n");
  const left = lines.length - most;
  return (
    <div class="block">
      <div class="diff mono" tabIndex={0} role="group" aria-label="What changed">
        {lines.slice(0, most).map((line, index) => (
          <div key={index} class={kindOf(line)} dir="ltr">
            {escapeControls(firstCharacters(line, mostOfLine), { newlines: "escape" })}
            {line.length > mostOfLine && ` … ${(line.length - mostOfLine).toLocaleString("en")} characters more`}
          </div>
        ))}
      </div>
      {left > 0 && (
        <button type="button" class="quiet" onClick={() => setMost(most * 5)}>
          Show more ({left.toLocaleString("en")} lines left)
        </button>
      )}
    </div>
  );
}

function kindOf(line: string): string {
  if (/^(diff |--- |\+\+\+ |new file|deleted file|old mode|new mode|Binary|#)/.test(line)) return "meta";
  if (line.startsWith("@@")) return "place";
  if (line.startsWith("+")) return "added";
  return line.startsWith("-") ? "removed" : "";
}
