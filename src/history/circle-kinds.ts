/** What kinds of circles there are: a step over and over, several in turn, and steps that bring nothing new, each in its way. */
export const circleKinds = ["repeat", "cycle", "no-change", "errors", "unavailable", "refused", "same-plan"] as const;
export type CircleKind = (typeof circleKinds)[number];
