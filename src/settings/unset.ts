/** False for nothing, blanks, and the placeholders of `.env.template` (`your-…`). */
export const isSet = (value: string | undefined): value is string =>
  value !== undefined && value.trim() !== "" && !/^your-/i.test(value.trim());
