import { SettingsError } from "../../errors.js";

/**
 * A text of a settings file in which `${NAME}` and `${NAME:-text}` are what these variables are. Throws SettingsError, which begins
 * with the place, for one that is not set.
 */
export function expandVariables(text: string, variable: (name: string) => string | undefined, place: string): string {
  return text.replace(/\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g, (_all, name: string, fallback: string | undefined) => {
    const found = variable(name) ?? fallback;
    if (found !== undefined) return found;
    throw new SettingsError(
      `${place}: the variable ${name} is not set. Set it in .env, or write \${${name}:-} for none.`,
    );
  });
}

const likeSecret = /key|token|secret|passw|auth|credential|cookie/i;

/** Values of variables and headers whose names say that nobody else is to see them. */
export const secretValues = (named: Readonly<Record<string, string>>): string[] =>
  Object.entries(named)
    .filter(([name, value]) => likeSecret.test(name) && value.length >= 8)
    .flatMap(([, value]) => [value, value.replace(/^(?:Bearer|Basic|Token)\s+/i, "")]);
