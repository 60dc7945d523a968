import type { ComponentChildren } from "preact";
import { useErrorBoundary } from "preact/hooks";
import { Line } from "./text.js";

/** A part of the page. Where a journal holds what nobody writes into one, this part is left out, and not all of the page. */
export function Guarded({ children }: { children: ComponentChildren }) {
  const [fault] = useErrorBoundary();
  if (fault === undefined) return <>{children}</>;
  const text = fault instanceof Error ? fault.message : String(fault);
  return (
    <p class="warning">
      This part cannot be shown, since the journal is not as it should be here: <Line text={text} />
    </p>
  );
}
