// LangChain's AutoGPT with its memory of vectors: URL STEPS PACKAGES, the folder where it is installed. Nothing of it is kept on disk. It counts tokens
// with tables from the network: here they are guessed, for the context and where it splits texts, which takes less.
import { createRequire } from "node:module";
import { join } from "node:path";

const [baseURL = "", steps = "0", packages = ""] = process.argv.slice(2);
const require = createRequire(join(packages, "package.json"));
/**
 * @typedef {new (options: object) => object} Model
 * @typedef {{ fromLLMAndTools(model: object, tools: object[], options: object): { textSplitter: object; run(goals: string[]): Promise<unknown> } }} Agent
 * @typedef {new (embeddings: object) => { asRetriever(): object }} Store
 * @typedef {(work: () => Promise<string>, options: object) => object} MakeTool
 */
const { ChatOpenAI, OpenAIEmbeddings } = /** @type {{ ChatOpenAI: Model; OpenAIEmbeddings: Model }} */ (
  require("@langchain/openai")
);
const { AutoGPT } = /** @type {{ AutoGPT: Agent }} */ (require("@langchain/classic/experimental/autogpt"));
const { MemoryVectorStore } = /** @type {{ MemoryVectorStore: Store }} */ (
  require("@langchain/classic/vectorstores/memory")
);
const { RecursiveCharacterTextSplitter } = /** @type {{ RecursiveCharacterTextSplitter: Model }} */ (
  require("@langchain/textsplitters")
);
const { tool } = /** @type {{ tool: MakeTool }} */ (require("@langchain/core/tools"));

class Chat extends ChatOpenAI {
  /** @param {string} text */
  getNumTokens(text) {
    return Promise.resolve(Math.ceil(text.length / 4));
  }
}

const server = { apiKey: "none", maxRetries: 0, configuration: { baseURL } };
const model = new Chat({ ...server, model: "gpt-4" });
const embeddings = new OpenAIEmbeddings({ ...server, model: "text-embedding-ada-002", encodingFormat: "float" });
const schema = {
  type: "object",
  properties: { directory: { type: "string" }, pattern: { type: "string" } },
  required: ["directory", "pattern"],
};
const search = tool(() => Promise.resolve("[]"), {
  name: "search_files",
  description: "Names of files by a pattern",
  schema,
});
const agent = AutoGPT.fromLLMAndTools(model, [search], {
  aiName: "Bench",
  aiRole: "an AI that is measured",
  memory: new MemoryVectorStore(embeddings).asRetriever(),
  maxIterations: Number(steps),
});
agent.textSplitter = new RecursiveCharacterTextSplitter({ chunkSize: 30_000 });
await agent.run(["Do nothing"]);
