import { count, name, text } from "../event-parts.js";

/** Fields that events of several kinds have. */
export const step = count("The step it belongs to, from 1; 0 before the first");
export const limitName = (meaning: string) => name(["steps", "cost", "tokens", "time"], meaning);
export const run = text("The run's name");
