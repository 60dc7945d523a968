import { after } from "node:test";
import { startFakePinecone } from "../support/fake-pinecone.js";
import { memoryContract } from "./contract.js";
import { atPinecone } from "./pinecone-memories.js";

const server = await startFakePinecone();
after(() => server.close());

memoryContract(atPinecone("pinecone", server));
