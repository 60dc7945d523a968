import { browserCheck } from "./browser.js";
import { chatCheck } from "./chat.js";
import type { Check } from "./check.js";
import { clockCheck } from "./clock.js";
import { diskCheck } from "./disk.js";
import { embeddingsCheck } from "./embeddings.js";
import { endpointCheck } from "./endpoint.js";
import { keyCheck } from "./key.js";
import { memoryCheck } from "./memory.js";
import { modelsCheck } from "./models.js";
import { nodeCheck } from "./node.js";
import { sandboxCheck } from "./sandbox.js";
import { searchCheck } from "./search.js";
import { settingsCheck } from "./settings.js";
import { speechCheck } from "./speech.js";

/**
 * Everything that `autogpt doctor` looks at, in the order in which it is listed: the program, the model, memory, what the
 * commands need, the voice, the machine. A new check is one line here.
 */
export const allChecks: readonly Check[] = [
  nodeCheck,
  settingsCheck,
  keyCheck,
  endpointCheck,
  chatCheck,
  embeddingsCheck,
  modelsCheck,
  memoryCheck,
  searchCheck,
  browserCheck,
  sandboxCheck,
  speechCheck,
  diskCheck,
  clockCheck,
];
