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
};
