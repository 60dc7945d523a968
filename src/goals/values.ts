import * as z from "zod";
import { problemOf } from "./search-pattern.js";

/** Some text, without the spaces around it. */
export const text = z.string("must be some text").trim().min(1, "must not be empty");

/** A JavaScript regular expression, as `searchPattern` takes it. */
export const pattern = text.superRefine((source, context) => {
  const problem = problemOf(source);
  if (problem !== null) context.addIssue({ code: "custom", message: `is no regular expression: ${problem}` });
});
