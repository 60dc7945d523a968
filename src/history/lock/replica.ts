/** What a server says of a limit: how much it allows in a time, in milliseconds, and how much of that is left. */
export type RateLimit = { limit: number; remaining: number; windowMs: number };
/** What a server has said of its limits; `closedMs`: it refused, and asks to be left alone for so long. */
export type RatesHeard = { requests?: RateLimit; tokens?: RateLimit; closedMs?: number };

/** A copy of a run's journal that is kept elsewhere, from which the run can go on where this computer is gone. */
export type Replica = {
  /** The run's name there, which a new run takes. */
  run: string;
  /**
   * Resolves once these lines are kept there, and the run may go on. Rejects with a RunError (fault) where they are refused: somebody else
   * has the run by now.
   */
  accept(lines: readonly string[]): Promise<void>;
  /** Throws RunError (fault) where somebody else may have the run by now. */
  requireOurs(): void;
  /**
   * Sets aside what a request may cost at most, in nano-dollars, in the budget that all runs share there; the journal says what came of it.
   * `priced`: the model's prices are known. Throws BudgetError where it does not fit, and RunError (fault) as `accept` does.
   */
  reserve(nano: number, priced: boolean): Promise<void>;
  /**
   * Takes a turn at a server, of which all runs there know by this name, for a request of so many tokens, and resolves to how long to wait
   * before it, in milliseconds. `taken`: it was taken before, and this asks whether the server has refused others since.
   */
  turn(server: string, tokens: number, taken: boolean): Promise<number>;
  /** Tells the others what the server said. */
  heard(server: string, rates: RatesHeard): Promise<void>;
};
