import { cleanLine, counted } from "../base/text.js";
import { validateJson } from "../base/json-schema/validate-json.js";
import type { Command, Effect, Review } from "../commands/command.js";
import { textsIn } from "../commands/reach.js";
import type { CommandResult } from "../history/event-parts.js";
import { checkedSchemaOf, listedArgumentsOf } from "./arguments.js";
import type { ServerConfig } from "./config.js";
import type { AskUser, CallOutcome } from "./connect/connected.js";
import { questionOf, resultOf } from "./elicitation.js";
import { toldResult } from "./content.js";
import type { Tool } from "./tool.js";

/** Calls a tool once it is known to be the one that was agreed to; `refusal` says why it is not. */
export type CallTool = (
  tool: Tool,
  args: Record<string, unknown>,
  signal: AbortSignal,
  ask: AskUser,
) => Promise<CallOutcome | { kind: "refused"; problem: string }>;

const longestLabel = 240;

/** A tool of a server, and what it is called as a command. */
export type NamedTool = { config: ServerConfig; tool: Tool; name: string };

/** A tool as a command: `server.tool`, with arguments that its own schema judges. */
export function toolCommand({ config, tool, name }: NamedTool, call: CallTool): Command {
  const effect = effectOf(tool);
  const schema = JSON.stringify(checkedSchemaOf(tool));
  const { args, further } = listedArgumentsOf(tool);
  return {
    name,
    label: labelOf(tool, further),
    args,
    takesAnyArguments: true,
    // That it only reads is what a server says of itself.
    repeatable: false,
    effect,
    touches: () => (mayChangeFiles(config, tool) ? "all" : []),
    foreign: () => ({ kind: "server", from: name }),
    async review(args): Promise<Review> {
      const problem = await validateJson(JSON.stringify(args), schema);
      // What its arguments mean is the server's own affair, so no rule for one of them can hold.
      const review: Review = { effect, subjects: [JSON.stringify(args)] };
      if (!isClosed(config)) review.reach = { kind: "sends", texts: textsIn(args) };
      return problem === null ? review : { ...review, refusal: `Error: ${wrongArguments(name, problem, schema)}` };
    },
    async run(args, context): Promise<CommandResult> {
      const { signal, workspace, step, code, askUser } = context;
      const print = (): Promise<string | null> =>
        mayChangeFiles(config, tool) ? code.printOfWorkspace() : Promise.resolve(null);
      const before = await print();
      let parked: string | null = null;
      const outcome = await call(tool, args, signal, async (params, asking) => {
        const question = questionOf(params, { name, args });
        const reply = await askUser(question, asking);
        if (reply.kind === "nobody" && reply.parks) parked = question.message;
        return resultOf(reply);
      });
      const ending = parked === null ? {} : { stop: "parked" as const };
      const isOther = before !== null && (await print()) !== before;
      const note = parked === null ? "" : parkedNote(parked);
      if (outcome.kind !== "answered")
        return {
          ok: false,
          text: `Error: ${failure(name, outcome)}${note}`,
          ...(isOther && { changed: true }),
          ...ending,
        };
      const { changed, ...told } = await toldResult(outcome.result, name, { workspace, step });
      return { ...told, text: told.text + note, ...((changed || isOther) && { changed: true }), ...ending };
    },
  };
}

/** What the model is told of a call whose question to the user nobody was there to answer. */
const parkedNote = (message: string): string =>
  `\n[The server asked the user: ${JSON.stringify(cleanLine(message, longestLabel))}. Nobody was there, so it got no answer, and the ` +
  "run was parked. If you still need it, use the command again, with the very same arguments: the server gets what they have answered by then, or they are asked.]";

/** Whether it is certain that a server reaches nothing outside, whatever it says of itself. */
const isClosed = (config: ServerConfig): boolean => config.kind === "stdio" && config.sandbox;

const labelOf = ({ description, title, name }: Tool, further: number): string =>
  cleanLine(description || title || name, longestLabel).replaceAll('"', "'") +
  (further === 0 ? "" : ` (and ${counted(further, "further argument")})`);

function failure(name: string, outcome: { kind: "not-done" | "unknown" | "refused"; problem: string }): string {
  const problem = outcome.problem.replace(/\.$/, "");
  if (outcome.kind === "unknown")
    return `${name}: ${problem}. It may or may not have happened: look before you repeat it.`;
  return `${name} was not carried out: ${problem}.`;
}

const mostSchema = 2_000;

/** What is wrong with a schema is nothing that other arguments would mend. */
const ofSchema = /^the schema (?:cannot be used|takes too long)/;

const wrongArguments = (name: string, problem: string, schema: string): string =>
  ofSchema.test(problem)
    ? `${name} cannot be called so: its arguments cannot be checked, as ${cleanLine(problem, longestLabel)}`
    : misfit(name, problem, schema);

const misfit = (name: string, problem: string, schema: string): string =>
  `the arguments do not fit, ${problem.replace(/\.$/, "")}. ${name} takes arguments by this JSON Schema: ` +
  (schema.length > mostSchema ? `${schema.slice(0, mostSchema)}…` : schema);

/** What a server does not say of a tool is taken for the worst. */
function effectOf({ hints }: Tool): Effect {
  if (hints.readOnly) return hints.openWorld ? "network" : "reads";
  return hints.openWorld ? "acts outside" : hints.destructive ? "deletes" : "writes";
}

/** A program on this machine may write anywhere in the workspace; a server elsewhere cannot. */
const mayChangeFiles = ({ kind }: ServerConfig, { hints }: Tool): boolean => kind === "stdio" && !hints.readOnly;
