import { useState } from "preact/hooks";
import type { JournalEvent } from "../../../history/events.js";
import type { SubagentView } from "../../shapes.js";
import type { Source } from "../sources/source.js";
import { counted } from "../words.js";
import { Block, Card, Line } from "./text.js";

/** Each sub-agent with its task; what was said is fetched when it is opened. */
export function Subagents({ source, run, agents }: { source: Source; run: string; agents: readonly SubagentView[] }) {
  if (agents.length === 0) return null;
  return (
    <Card title="Sub-agents">
      {agents.map((agent) => (
        <Subagent key={agent.key} {...{ source, run, agent }} />
      ))}
    </Card>
  );
}

function Subagent({ source, run, agent }: { source: Source; run: string; agent: SubagentView }) {
  const [said, setSaid] = useState<JournalEvent[] | null>(null);
  const opened = (): void => {
    source.agent(run, agent.key).then(setSaid, () => setSaid([]));
  };
  return (
    <details onToggle={(event) => event.currentTarget.open && opened()}>
      <summary>
        <Line text={agent.name} />{" "}
        <span class="faint">
          {counted(agent.messages, "message")}
          {agent.deleted ? ", deleted" : ""}
        </span>
      </summary>
      <Block text={agent.task} />
      {said?.map(
        (event) =>
          event.type === "agent-message" && (
            <div class="thought" key={event.seq}>
              <div class="name">
                {event.role === "user" ? "said to it" : "said by it"}, step {event.step}
              </div>
              <Block text={event.text} />
            </div>
          ),
      )}
    </details>
  );
}
