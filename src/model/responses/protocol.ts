import type { ChatProtocol } from "../openai/chat-protocol.js";
import { pollResponse } from "./background.js";
import { errorInResponse, readResponse } from "./read-response.js";
import { responsesBody, responsesParameters } from "./request-body.js";
import { createStreamedResponse } from "./streamed-response.js";

/** OpenAI's Responses API, and the open specification that others implement (openresponses.org). */
export const responses: ChatProtocol = {
  api: "responses",
  path: "/responses",
  answer: "response",
  limits: ["max_output_tokens"],
  parameters: responsesParameters,
  body: responsesBody,
  streamed: createStreamedResponse,
  read: readResponse,
  poll: pollResponse,
  errorWithin: errorInResponse,
};
