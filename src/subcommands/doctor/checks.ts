import { apiCheck } from "./server/api-check.js";
import { browserCheck } from "./machine/browser-check.js";
import { chatCheck } from "./server/chat-check.js";
import type { DoctorCheck } from "./check.js";
import { clockCheck } from "./machine/clock-check.js";
import { diskCheck } from "./machine/disk-check.js";
import { embeddingsCheck } from "./server/embeddings-check.js";
import { endpointCheck } from "./server/endpoint-check.js";
import { envFileCheck } from "./env-file-check.js";
import { keyCheck } from "./server/key-check.js";
import { memoryCheck } from "./memory-check.js";
import { modelsCheck } from "./server/models-check.js";
import { nodeCheck } from "./machine/node-check.js";
import { queueCheck } from "./queue-check.js";
import { sandboxCheck } from "./machine/sandbox-check.js";
import { searchCheck } from "./search-check.js";
import { settingsCheck } from "./settings-check.js";
import { speechCheck } from "./machine/speech-check.js";

/**
 * Everything that `autogpt doctor` looks at, in the order in which it is listed: the program, the model, memory, what the
 * commands need, the voice, the machine. A new check is one line here.
 */
export const doctorChecks: readonly DoctorCheck[] = [
  nodeCheck,
  settingsCheck,
  envFileCheck,
  keyCheck,
  endpointCheck,
  apiCheck,
  chatCheck,
  embeddingsCheck,
  modelsCheck,
  memoryCheck,
  queueCheck,
  searchCheck,
  browserCheck,
  sandboxCheck,
  speechCheck,
  diskCheck,
  clockCheck,
];
