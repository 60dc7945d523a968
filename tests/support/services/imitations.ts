import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Message } from "../../../src/model/model.js";
import { reply } from "./fake-open-ai.js";
import { bodyOf, closeServer, listenLocally } from "./local-server.js";
import { bagOfWords, embeddingsBody } from "./model-answers.js";

/** Five steps: the number of the assistant's messages says which one is due. */
const script = [
  reply("write_to_file", { file: "note.txt", text: "one\n" }, { text: "I begin a note.", speak: "I begin." }),
  reply("append_to_file", { file: "note.txt", text: 'two, "quoted"\n' }),
  reply("read_file", { file: "note.txt" }),
  reply("search_files", { directory: "." }),
  reply("task_complete", { reason: "the note is written" }),
];
export const finalNote = 'one\ntwo, "quoted"\n';

type Body = { model: string; messages: Message[]; [parameter: string]: unknown };
type Refusal = { status: number; body: unknown };
type Asked = { path: string; headers: IncomingMessage["headers"]; body: Body; turn: number };

/** What tells one server from another. */
export type Imitation = {
  name: string;
  /** Where the behaviour is described. */
  source: string;
  /** Besides URL and key, the name of a model that such a server has. */
  model?: string;
  path: string;
  key?: string;
  environment?: (url: string) => Record<string, string>;
  /** How many requests may be spent on finding out what it takes. */
  wasted: number;
  refuses?(asked: Asked): Refusal | undefined;
  /** The answer's text, as the model of such a server would give it. */
  text?(text: string, asked: Asked): string | null;
  /** What else a piece of the stream carries. */
  reasoning?: string;
  comments?: string;
  usage?: "asked" | "never";
  streams?: boolean;
  hiddenTokens?: number;
  embeddings?: boolean;
};

export type ImitatedServer = {
  url: string;
  chats: Asked[];
  refusals: number;
  close(): Promise<void>;
};

const turnOf = (messages: readonly Message[]): number => messages.filter(({ role }) => role === "assistant").length;

/** Starts a server that behaves as the imitation says. */
export async function imitate(imitation: Imitation): Promise<ImitatedServer> {
  const state: ImitatedServer = { url: "", chats: [], refusals: 0, close: () => closeServer(server) };
  const server = createServer((request, response) => {
    void answer(request, response).catch((thrown: unknown) =>
      json(response, 418, { error: { message: String(thrown) } }),
    );
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request);
    const path = request.url ?? "";
    if (request.method === "GET") return json(response, 404, { detail: "Not Found" });
    const body = JSON.parse(text) as Body;
    if (path.includes("/embeddings")) return embed(response, body, imitation);
    const asked = { path, headers: request.headers, body, turn: turnOf(body.messages) };
    state.chats.push(asked);
    const refusal = wrongPlace(asked, imitation) ?? imitation.refuses?.(asked);
    if (refusal) {
      state.refusals += 1;
      return json(response, refusal.status, refusal.body);
    }
    chat(response, asked, imitation, state);
  }

  state.url = `http://127.0.0.1:${await listenLocally(server)}`;
  return state;
}

function wrongPlace({ path }: Asked, imitation: Imitation): Refusal | undefined {
  const [own] = path.split("?");
  const right = own === `${imitation.path}/chat/completions`;
  return right ? undefined : { status: 404, body: { error: { code: "404", message: `Resource not found: ${path}` } } };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function embed(response: ServerResponse, body: Body, { embeddings = true }: Imitation): void {
  if (!embeddings) return json(response, 404, { error: { message: "no such route", code: null } });
  const input = body["input"] as string[];
  const vectors = input.map((text) => bagOfWords(text));
  json(response, 200, embeddingsBody(body.model, vectors, 1));
}

function chat(response: ServerResponse, asked: Asked, imitation: Imitation, state: ImitatedServer): void {
  const { body, turn } = asked;
  const limit = (body["max_completion_tokens"] ?? body["max_tokens"] ?? Infinity) as number;
  const { hiddenTokens = 0 } = imitation;
  const eaten = limit <= hiddenTokens;
  if (eaten) state.refusals += 1;
  const plain = script[Math.min(turn, script.length - 1)] as string;
  const text = eaten ? "" : (imitation.text?.(plain, asked) ?? plain);
  const finish = eaten ? "length" : "stop";
  const usage = { prompt_tokens: 900, completion_tokens: eaten ? limit : hiddenTokens + 60, total_tokens: 960 };
  const options = body["stream_options"] as { include_usage?: boolean } | undefined;
  const reported = imitation.usage !== "never" && (options?.include_usage === true || body["stream"] !== true);
  if (body["stream"] !== true || imitation.streams === false) {
    const message = { role: "assistant", content: text };
    return json(response, 200, { choices: [{ index: 0, message, finish_reason: finish }], ...(reported && { usage }) });
  }
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  const send = (delta: object, reason: string | null = null): void =>
    void response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`);
  if (imitation.comments) response.write(`${imitation.comments}\n\n`.repeat(3));
  send({ role: "assistant", content: "" });
  if (imitation.reasoning) send({ reasoning_content: imitation.reasoning });
  for (const piece of text.match(/[^]{1,9}/gu) ?? []) send({ content: piece });
  send({}, finish);
  if (reported) response.write(`data: ${JSON.stringify({ choices: [], usage })}\n\n`);
  response.end("data: [DONE]\n\n");
}
