import { count, text } from "../event-parts.js";

/** Fields of several events. */
export const step = count("The step it belongs to, from 1; 0 before the first");
export const run = text("The run's name");
