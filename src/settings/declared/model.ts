import { setting } from "../setting.js";
import { choice, key, number, text, truth, webAddress, wholeNumber } from "../value-types.js";

const service = "OpenAI, or a server that speaks its language";
const models = "Models";

/** Who answers, and how it is asked. */
export const modelSettings = {
  openAiApiKey: setting({
    group: service,
    environment: ["OPENAI_API_KEY"],
    type: key(),
    secret: true,
    placeholder: "your-openai-api-key",
    help: "Your key, from https://platform.openai.com/account/api-keys",
  }),
  openAiBaseUrl: setting({
    group: service,
    environment: ["OPENAI_API_BASE_URL", "OPENAI_BASE_URL"],
    type: webAddress(),
    default: "https://api.openai.com/v1",
    help: "Address of the server; one that is not OpenAI's needs no key",
  }),
  openAiOrganization: setting({
    group: service,
    environment: ["OPENAI_ORGANIZATION"],
    type: key(),
    placeholder: "your-openai-organization",
    help: "Organization that is billed, where an account has several",
  }),
  openAiTimeout: setting({
    group: service,
    environment: ["OPENAI_TIMEOUT"],
    type: number(0.01, 86_400),
    default: 120,
    help: "Seconds to wait for an answer to begin, and for it to go on",
  }),
  openAiRetries: setting({
    group: service,
    environment: ["OPENAI_RETRIES"],
    type: wholeNumber(0),
    default: 6,
    help: "How often a request that failed for a passing reason is sent again",
  }),
  smartModel: setting({
    group: models,
    environment: ["SMART_LLM_MODEL", "SMART_LLM"],
    flag: { long: "--model", argument: "NAME" },
    type: text("the name of a model"),
    default: "gpt-6.1-terra",
    help: "Model that decides what to do next and works on code",
  }),
  fastModel: setting({
    group: models,
    environment: ["FAST_LLM_MODEL", "FAST_LLM"],
    flag: { long: "--fast-model", argument: "NAME" },
    type: text("the name of a model"),
    default: "gpt-6-luna",
    help: "Model for summaries and sub-agents",
  }),
  smartFallback: setting({
    group: models,
    environment: ["SMART_LLM_FALLBACK"],
    type: truth(),
    default: false,
    help: "Use the fast model where the server does not offer the smart one",
  }),
  embeddingModel: setting({
    group: models,
    environment: ["EMBEDDING_MODEL"],
    type: text("the name of a model"),
    default: "text-embedding-3-small",
    help: "Model by which memory finds texts about the same thing",
  }),
  temperature: setting({
    group: models,
    environment: ["TEMPERATURE"],
    type: number(0, 2),
    example: "0",
    help: "Randomness of the answers, 0 to 2; sent only when set and where the model takes it",
  }),
  reasoningEffort: setting({
    group: models,
    environment: ["REASONING_EFFORT"],
    type: choice("none", "low", "medium", "high", "xhigh", "max"),
    example: "medium",
    help: "How long a reasoning model thinks: none, low, medium, high, xhigh, max",
  }),
  promptCache: setting({
    group: models,
    environment: ["PROMPT_CACHE"],
    type: choice("auto", "breakpoints", "off"),
    default: "auto",
    help: "Breakpoints that tell the server what of a prompt to keep: auto (for models that take them), breakpoints (always), off",
  }),
  contextTokens: setting({
    group: models,
    environment: ["CONTEXT_TOKENS"],
    type: wholeNumber(1),
    default: 24_000,
    help: "Most tokens of the context that a request carries; the answer comes on top",
  }),
  ledgerTokens: setting({
    group: models,
    environment: ["LEDGER_TOKENS"],
    type: wholeNumber(0),
    default: 1_500,
    help: "Tokens, within a sixth of the context, that the ledger is condensed to: what must not be forgotten of steps that are not shown any more",
  }),
  memoryTokens: setting({
    group: models,
    environment: ["MEMORY_TOKENS"],
    type: wholeNumber(0, 1_000),
    example: "1000",
    help: "Most tokens of recalled memories in a request, up to 1,000; unset it is a twenty-fourth of the context",
  }),
  smartTokenLimit: setting({
    group: models,
    environment: ["SMART_TOKEN_LIMIT"],
    type: wholeNumber(1),
    example: "24000",
    help: "The same for the smart model alone",
  }),
  fastTokenLimit: setting({
    group: models,
    environment: ["FAST_TOKEN_LIMIT"],
    type: wholeNumber(1),
    example: "24000",
    help: "The same for the fast model alone",
  }),
  modelCatalog: setting({
    group: models,
    environment: ["MODEL_CATALOG"],
    type: text("a YAML file"),
    path: true,
    example: "models.yaml",
    help: "YAML file with prices and limits of further models",
  }),
};
