import { declaredSettings } from "./schema.js";
import type { Setting } from "./setting.js";

const introduction = `# Copy this file to .env and change what you need.
# A placeholder (your-…) and an empty value count as not set. The real environment wins over this file, flags win over both.
# Values with spaces or quotes go into quotes of another kind. A # begins a comment only behind a space; \${NAME} is not replaced.
`;

/** The text of `.env.template`: every setting that has a name in the environment, by group. */
export function renderEnvironmentTemplate(): string {
  const settings = declaredSettings().map(([, setting]) => setting);
  const listed = settings.filter(({ environment }) => environment !== undefined);
  const groups = [...new Set(listed.map(({ group }) => group))];
  const chapters = groups.map(
    (group) =>
      `\n## ${group}\n${listed
        .filter((one) => one.group === group)
        .map(entry)
        .join("")}`,
  );
  return introduction + chapters.join("");
}

function entry({ environment = [], help, placeholder, example, ...setting }: Setting<unknown>): string {
  const name = environment[0] ?? "";
  const value = placeholder ?? defaultText(setting.default);
  return `\n# ${help}\n${value === undefined ? `# ${name}=${example ?? ""}` : `${name}=${value}`}\n`;
}

/** A default as one would write it in `.env`. */
export function defaultText(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "boolean") return value ? "True" : "False";
  return String(value);
}
