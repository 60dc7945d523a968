/** The highest number that a user may give; 1 is the first. */
export const mostPriority = 1_000;
/** That of a run of which nothing else is said. */
export const usualPriority = 100;

/**
 * Where a run stands in the library's queue, which takes the lowest number first and, of equal ones, the one that came first. A run that has
 * begun goes before all of its priority that have not. The number says so because the library's servers differ in the rest: of a job
 * whose worker died, or that waited for its time, Redis makes the first or the last, and PostgreSQL the last or the one it was.
 */
export const placeOf = (priority: number, hasBegun: boolean): number => 2 * priority - (hasBegun ? 1 : 0);

/** The place of the same run once it has begun. */
export const begunPlace = (place: number): number => (place % 2 === 0 ? Math.max(1, place - 1) : place);
