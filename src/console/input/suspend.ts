/** After a stop that the system did not carry out, as in a session without job control, the program goes on by itself. */
const notStoppedMs = 100;

/**
 * Stops the program as Ctrl-Z on a terminal does, together with whatever started it in the same job (npx, a script).
 * Whoever listens to SIGCONT hears when it goes on; `resumed` is called in any case, also where nothing was stopped.
 */
export function suspend(resumed: () => void): void {
  process.kill(0, "SIGTSTP");
  setTimeout(resumed, notStoppedMs);
}
