import { commandLine } from "../../base/process/command-line.js";
import type { Help } from "commander";
import { declaredSettings } from "../../settings/schema.js";
import { shownDefault, spelled } from "../../settings/flags.js";
import type { Setting } from "../../settings/setting.js";
import { wrapped } from "./overview.js";

/** Every flag and every setting of the environment, by subject. */
export function settingsList(helper: Help): string {
  const settings = declaredSettings().map(([, setting]) => setting);
  const groups = [...new Set(settings.map(({ group }) => group))];
  const chapters = groups.map((group) =>
    [group, ...settings.filter((setting) => setting.group === group).flatMap((setting) => entry(setting, helper))].join(
      "\n",
    ),
  );
  return [introduction(), ...chapters].join("\n\n");
}

const introduction = (): string =>
  "Names in capitals are read from the environment and from .env (.env.template\n" +
  "shows how). Flags win over the environment, the environment over .env, and that\n" +
  `over ai_settings.yaml. ${commandLine("config show --origin")} lists what holds here.`;

/** One setting with its names, what it may be, and its default. */
export function settingDetails(setting: Setting<unknown>, helper: Help): string {
  const { type, secret } = setting;
  const about = [
    ...(type.description ? [`It takes ${type.description}.`] : []),
    ...(secret ? ["It is a secret: no message, journal or log shows it."] : []),
  ];
  return [...entry(setting, helper), ...about.flatMap((line) => wrapped(line, 6, helper))]
    .join("\n")
    .replace(/^ {2}/gm, "");
}

function entry({ flag, environment = [], help, default: value }: Setting<unknown>, helper: Help): string[] {
  const names = [...(flag ? [spelled(flag)] : []), ...environment.slice(0, 1)].join(", ");
  return [`  ${names}`, ...wrapped(help + shownDefault(value), 6, helper)];
}
