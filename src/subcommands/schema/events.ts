import * as z from "zod";
import { envelope, eventSchemas } from "../../history/events.js";
import { jsonSchemaOf, type JsonSchema } from "./json-schema.js";

/** Each type of event as it stands in the journal: the envelope, the type, its own fields. */
const numberedEvents = () =>
  Object.entries(eventSchemas).map(([type, { shape, description = "" }]) =>
    z.object({ ...envelope.shape, type: z.literal(type), ...shape }).meta({ id: type, title: type, description }),
  );

/** The JSON Schema of a line of a journal, and of a line that --output-format stream-json prints. */
export const eventsSchema = (): JsonSchema => {
  const [first, ...others] = numberedEvents();
  const event = z.discriminatedUnion("type", [first as NonNullable<typeof first>, ...others]).meta({
    title: "Event of an autogpt run",
    description:
      "A line of events.jsonl and of --output-format stream-json, as this version writes it. Later versions may add " +
      "fields, types and names; a reader ignores what it does not know.",
  });
  return jsonSchemaOf(event);
};
