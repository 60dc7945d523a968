import type { ServerResponse } from "node:http";

/** What goes wrong: never an answer; half an answer, then silence; half an answer, then the end; the end at once; … */
export type Fault =
  | "hang"
  | "hang-body"
  | "cut"
  | "drop"
  | "garbage"
  | "empty-body"
  | "empty-answer"
  | "length"
  | {
      status: number;
      headers?: Record<string, string>;
      body?: unknown;
      /** The work was done, and is billed. */ billed?: boolean;
    };

/** Does to the answer what the fault says. */
export function strike(response: ServerResponse, fault: Fault): void {
  if (typeof fault === "object") return send(response, fault.status, fault.body, fault.headers);
  const half = '{"id": "chatcmpl-1", "choices": [{"index": 0, "mess';
  switch (fault) {
    case "hang":
      return;
    case "drop":
      response.socket?.destroy();
      return;
    case "hang-body":
    case "cut":
      response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
      response.write(half, () => fault === "cut" && response.socket?.destroy());
      return;
    case "garbage":
      response.writeHead(200, { "content-type": "text/html" });
      response.end("<html><body>Welcome to the hotel network. Please log in.</body></html>");
      return;
    default:
      response.writeHead(200, { "content-type": "application/json" });
      response.end();
  }
}

/** Answers with JSON, or with a text as it is. */
export function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = typeof body === "string" ? body : JSON.stringify(body ?? {});
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(text);
}
