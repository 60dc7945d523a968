import type { ServerQuestionView } from "../../shapes.js";
import type { Source } from "../sources/source.js";
import { Arguments } from "./question.js";
import { Block, Card, Line, Pill } from "./text.js";

type ServerQuestionsOptions = { source: Source; run: string; questions: readonly ServerQuestionView[] };

/** What servers have asked in calls, for which the run has parked. What is entered is for the server alone, so it is answered in a terminal. */
export function ServerQuestions({ source, run, questions }: ServerQuestionsOptions) {
  if (questions.length === 0) return null;
  return (
    <Card title="A server asks you" aside={<Pill tone="warn">step {questions[0]?.step}</Pill>}>
      {questions.map((asked) => (
        <Asked key={asked.question} asked={asked} />
      ))}
      <p class="faint">
        {source.live ? (
          <>
            <code>autogpt answer {run}</code> answers in a terminal, and <code>autogpt --resume {run}</code> goes on.
          </>
        ) : (
          "It waited when this file was written."
        )}
      </p>
    </Card>
  );
}

function Asked({ asked: { command, message, schema, address } }: { asked: ServerQuestionView }) {
  return (
    <div class="question server-question">
      <p>
        The server of{" "}
        <b class="mono">
          <Line text={command.name} />
        </b>{" "}
        asks:
      </p>
      <Block text={message} />
      {address !== null && <Block text={address} mono label="The address that it wants you to open" />}
      {schema !== null && (
        <details>
          <summary>What an answer has to be</summary>
          <Block text={JSON.stringify(schema, null, 2)} mono label="JSON Schema of the answer" />
        </details>
      )}
      <details>
        <summary>Arguments of the call</summary>
        <Arguments args={command.args} />
      </details>
    </div>
  );
}
