import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { finalNote, imitate, type Imitation } from "../../support/services/imitations.js";
import { eventsOfType, journalOf, long, temporaryFolder, writeAi } from "../../support/program.js";
import { runInProcess } from "../../support/in-process.js";

const refusal = (status: number, message: string, param: string | null = null, code: unknown = null) => ({
  status,
  body: { error: { message, type: "invalid_request_error", param, code } },
});

const roles = (messages: readonly { role: string }[]): string => messages.map(({ role }) => role).join(" ");
const alternates = (messages: readonly { role: string }[]): boolean =>
  /^(system )?user( assistant user)*$/.test(roles(messages));

const imitations: readonly Imitation[] = [
  {
    name: "OpenAI's current models, whose hidden reasoning eats a short answer",
    source: "platform.openai.com/docs/guides/reasoning and /docs/api-reference/chat/create",
    path: "/v1",
    key: "sk-imitation-0001",
    wasted: 1,
    hiddenTokens: 5_000,
    refuses: ({ body, headers }) => {
      if (headers.authorization !== "Bearer sk-imitation-0001")
        return refusal(401, "Incorrect API key", null, "invalid_api_key");
      for (const name of ["max_tokens", "temperature"]) {
        if (name in body) return refusal(400, `Unsupported parameter: '${name}'`, name, "unsupported_parameter");
      }
      return undefined;
    },
  },
  {
    name: "a model of OpenAI's that the catalog does not know",
    source: "platform.openai.com/docs/guides/reasoning",
    path: "/v1",
    model: "gpt-9-nova",
    wasted: 2,
    hiddenTokens: 5_000,
    refuses: ({ body }) =>
      "max_tokens" in body
        ? refusal(400, "Use 'max_completion_tokens' instead.", "max_tokens", "unsupported_parameter")
        : undefined,
  },
  {
    name: "Azure with a dated version",
    source: "learn.microsoft.com/azure/ai-foundry/openai/reference",
    path: "/openai/deployments/my-chat/chat/completions".replace("/chat/completions", ""),
    key: "azure-key-0001",
    wasted: 0,
    environment: (url) => ({
      USE_AZURE: "True",
      OPENAI_AZURE_API_BASE: url,
      OPENAI_AZURE_API_VERSION: "2024-10-21",
      OPENAI_AZURE_CHAT_DEPLOYMENT_ID: "my-chat",
      OPENAI_AZURE_EMBEDDINGS_DEPLOYMENT_ID: "my-embeddings",
    }),
    refuses: ({ headers, path }) =>
      headers["api-key"] !== "azure-key-0001" || headers.authorization || !path.endsWith("?api-version=2024-10-21")
        ? { status: 401, body: { error: { code: "401", message: "Access denied due to invalid subscription key." } } }
        : undefined,
  },
  {
    name: "Azure at its v1 address",
    source: "learn.microsoft.com/azure/foundry/openai/api-version-lifecycle; openai-node docs/azure.md",
    path: "/openai/v1",
    key: "azure-key-0001",
    wasted: 0,
    environment: (url) => ({
      USE_AZURE: "True",
      OPENAI_AZURE_API_BASE: `${url}/`,
      OPENAI_AZURE_API_VERSION: "v1",
      OPENAI_AZURE_DEPLOYMENT_ID: "my-chat",
      OPENAI_AZURE_EMBEDDINGS_DEPLOYMENT_ID: "my-embeddings",
    }),
    refuses: ({ headers, path, body }) =>
      headers["api-key"] !== "azure-key-0001" || path.includes("api-version") || body.model !== "my-chat"
        ? {
            status: 404,
            body: { error: { code: "DeploymentNotFound", message: "The API deployment does not exist." } },
          }
        : undefined,
  },
  {
    name: "Ollama",
    source: "docs.ollama.com/api/openai-compatibility",
    path: "/v1",
    model: "llama3.2",
    wasted: 0,
  },
  {
    name: "vLLM with a template that wants roles in turn",
    source: "docs.vllm.ai/en/latest/serving/openai_compatible_server; github.com/vllm-project/vllm/issues/6862",
    path: "/v1",
    model: "mistralai/Mistral-7B-Instruct-v0.3",
    wasted: 1,
    refuses: ({ body }) =>
      alternates(body.messages)
        ? undefined
        : {
            status: 400,
            body: {
              object: "error",
              message:
                "After the optional system message, conversation roles must alternate user/assistant/user/assistant/...",
              type: "BadRequestError",
              param: null,
              code: 400,
            },
          },
  },
  {
    name: "a template without a system message",
    source: "github.com/microsoft/autogen/issues/1037; the chat template of Mistral-7B-Instruct-v0.2",
    path: "/v1",
    model: "mistral-7b-v0.2",
    wasted: 2,
    refuses: ({ body }) =>
      /^user( assistant user)*$/.test(roles(body.messages))
        ? undefined
        : {
            status: 500,
            body: {
              error: {
                code: 500,
                message: "Conversation roles must alternate user/assistant/user/assistant/...",
                type: "server_error",
              },
            },
          },
  },
  {
    name: "llama.cpp that knows no grammar for this schema",
    source: "github.com/ggml-org/llama.cpp/issues/11847 and tools/server/README.md",
    path: "/v1",
    model: "any",
    wasted: 1,
    refuses: ({ body }) =>
      (body["response_format"] as { type?: string } | undefined)?.type === "json_schema"
        ? {
            status: 400,
            body: {
              error: {
                code: 400,
                message: 'Either "json_schema" or "grammar" can be specified, but not both',
                type: "invalid_request_error",
              },
            },
          }
        : undefined,
  },
  {
    name: "OpenRouter, with comments in the stream",
    source: "openrouter.ai/docs/api-reference/streaming",
    path: "/api/v1",
    model: "meta/llama",
    key: "sk-or-0001",
    wasted: 0,
    comments: ": OPENROUTER PROCESSING",
  },
  {
    name: "DeepSeek with <think>, JSON objects only and no usage",
    source: "api-docs.deepseek.com/guides/json_mode and /quick_start/rate_limit (keep-alive comments)",
    path: "/v1",
    model: "deepseek-reasoner",
    wasted: 1,
    embeddings: false,
    comments: ": keep-alive",
    usage: "never",
    text: (text) =>
      `<think>\nFirst {"command": {"name": "delete_file", "args": {"file": "note.txt"}}}? No.\n</think>\n\n${text}`,
    refuses: ({ body }) =>
      (body["response_format"] as { type?: string } | undefined)?.type === "json_schema"
        ? refusal(400, "This response_format type is unavailable now", null, "invalid_request_error")
        : undefined,
  },
  {
    name: "a server that thinks beside its answer and does not stream",
    source: "docs.vllm.ai/en/latest/features/reasoning_outputs",
    path: "/v1",
    model: "qwen3",
    wasted: 0,
    streams: false,
    reasoning: "let me see",
  },
  {
    name: "a server that refuses everything it does not know, without saying what",
    source: "the strictest that is imaginable: every optional parameter but max_tokens is an unexplained 422",
    path: "/v1",
    model: "strict",
    wasted: 1,
    usage: "never",
    refuses: ({ body }) =>
      Object.keys(body).every((name) => ["model", "messages", "max_tokens", "stream"].includes(name))
        ? undefined
        : { status: 422, body: { detail: "Unprocessable Entity" } },
  },
];

for (const imitation of imitations) {
  test(`five steps against ${imitation.name}, with no more than URL and key; the second run wastes nothing`, async (t) => {
    const server = await imitate(imitation);
    t.after(() => server.close());
    const folder = await temporaryFolder(t);
    await writeAi(folder);
    const { model, key, path, environment } = imitation;
    const env = {
      ...(environment?.(server.url) ?? { OPENAI_API_BASE_URL: `${server.url}${path}` }),
      ...(key && { OPENAI_API_KEY: key }),
      // The model that embeds offline is dear to load; offline-embeddings.test.ts shows that it is taken.
      ...(!long && imitation.embeddings === false && { EMBEDDING_PROVIDER: "none" }),
      ...(model && { SMART_LLM_MODEL: model, FAST_LLM_MODEL: model }),
    };
    const run = () => runInProcess({ cwd: folder, args: ["-c", "-y", "-l", "8"], env });

    const first = await run();
    assert.equal(first.code, 0, first.stderr);
    assert.equal(await readFile(join(folder, "workspace", "note.txt"), "utf8"), finalNote);
    const events = await journalOf(folder);
    assert.equal(eventsOfType(events, "step-end").length, 5);
    assert.equal(server.refusals, imitation.wasted);
    assert.ok(server.refusals <= 2);
    const usage = eventsOfType(events, "model-replied").filter(({ purpose }) => purpose === "think");
    assert.equal(
      usage.some((reply) => reply.usage.estimated),
      imitation.usage === "never",
    );

    server.refusals = 0;
    const before = server.chats.length;
    const second = await run();
    assert.equal(second.code, 0, second.stderr);
    assert.deepEqual([server.refusals, server.chats.length - before], [0, 5]);
  });
}
