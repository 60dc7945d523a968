import type { CreateElicitationRequest, ElicitationPropertySchema } from "@agentclientprotocol/sdk";
import { randomUUID } from "node:crypto";
import { escapeText } from "../base/escape.js";
import type { Answers, AskUser, UserField, UserQuestion, UserReply } from "../commands/user-question.js";
import type { Client, ClientCapabilities } from "./protocol.js";

type Options = {
  client: Client;
  sessionId: string;
  capabilities: ClientCapabilities;
  /** Says something to the person. */
  say(text: string): Promise<void>;
};

/** So often a form comes back with what does not fit. */
const mostTries = 3;

const nobody: UserReply = { kind: "nobody", parks: true };

/**
 * Lets the person answer what a server asks, in a form of the editor. An editor without forms shows the question, and the run parks:
 * what the person says next is said to the AI.
 */
export const createAskUser =
  (options: Options): AskUser =>
  async (question, signal) => {
    const { form, url } = options.capabilities.elicitation ?? {};
    const { asks, from, message } = question;
    if (asks.kind === "form" && form) return inForm(options, question, asks, signal);
    if (asks.kind === "address" && url) return atAddress(options, question, asks.address, signal);
    const what = asks.kind === "form" ? asks.fields.map(({ label }) => `- ${label}`).join("\n") : asks.address;
    await options.say(`The server of ${from} asks you, and this editor cannot take an answer: ${message}\n${what}`);
    return nobody;
  };

type Form = Extract<UserQuestion["asks"], { kind: "form" }>;

async function inForm(options: Options, question: UserQuestion, asks: Form, signal: AbortSignal): Promise<UserReply> {
  let problem = "";
  for (let tries = 0; tries < mostTries; tries += 1) {
    const reply = await elicited(
      options,
      {
        ...{ mode: "form", sessionId: options.sessionId, message: messageOf(question, problem) },
        requestedSchema: {
          type: "object",
          properties: Object.fromEntries(asks.fields.map((field) => [field.name, propertyOf(field)])),
          required: asks.fields
            .filter(({ required, usual }) => required && usual === undefined)
            .map(({ name }) => name),
        },
      },
      signal,
    );
    if (reply.kind !== "answered") return reply;
    const read = await readAnswers(asks.fields, reply.answers);
    problem = typeof read === "string" ? read : ((await asks.check(read)) ?? "");
    if (problem === "" && typeof read !== "string") return { kind: "answered", answers: read };
  }
  return { kind: "dismissed" };
}

const atAddress = (options: Options, question: UserQuestion, url: string, signal: AbortSignal): Promise<UserReply> =>
  elicited(
    options,
    {
      ...{ mode: "url", sessionId: options.sessionId, message: messageOf(question, "") },
      ...{ url, elicitationId: randomUUID() },
    },
    signal,
  );

const messageOf = ({ from, message }: UserQuestion, problem: string): string =>
  escapeText(
    `${problem === "" ? "" : `This does not fit: ${problem}\n`}The server of ${from} asks you; your answer is sent there:\n${message}`,
  );

/** Each is asked for as a text, and read as the question wants it: what it may be stands in its title. */
const propertyOf = ({ label, usual }: UserField): ElicitationPropertySchema => ({
  type: "string",
  title: escapeText(label),
  ...(usual === undefined ? {} : { default: typeof usual === "string" ? usual : JSON.stringify(usual) }),
});

async function elicited(options: Options, request: CreateElicitationRequest, signal: AbortSignal): Promise<UserReply> {
  try {
    const until = { cancellationSignal: signal, stopWaitingOnCancel: true };
    const answer = await options.client.request("elicitation/create", request, until);
    if (answer.action === "accept")
      return { kind: "answered", answers: ("content" in answer ? (answer.content as Answers | null) : null) ?? {} };
    return { kind: answer.action === "decline" ? "declined" : "dismissed" };
  } catch {
    signal.throwIfAborted();
    return nobody;
  }
}

/** What was entered, as values; a sentence where something does not fit. */
async function readAnswers(fields: readonly UserField[], entered: Answers): Promise<Record<string, unknown> | string> {
  const answers = new Map<string, unknown>();
  for (const { name, required, usual, read } of fields) {
    const given = entered[name];
    const text = typeof given === "string" ? given : given === undefined || given === null ? "" : JSON.stringify(given);
    if (text.trim() === "" && (usual !== undefined || !required)) {
      if (usual !== undefined) answers.set(name, usual);
      continue;
    }
    const value = await read(text);
    if (!value.ok) return `${name}: ${value.problem}`;
    answers.set(name, value.value);
  }
  return Object.fromEntries(answers);
}
