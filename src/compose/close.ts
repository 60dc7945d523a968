import { messageForPerson } from "../errors.js";

/**
 * Closes these in their order. How the run ended is decided and in the journal by then: what fails to close is said by
 * `warn`, and changes nothing.
 */
export async function closeAll(
  parts: readonly { close(): Promise<void> | void }[],
  warn: (text: string) => void,
): Promise<void> {
  for (const part of parts) {
    try {
      await part.close();
    } catch (thrown) {
      warn(`WARNING: the run has ended, and something of it could not be closed: ${messageForPerson(thrown)}`);
    }
  }
}
