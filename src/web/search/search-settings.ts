/** A setting of an engine: its name in the environment, and its value. */
export type EngineSetting = { name: string; value: string | undefined };

/** What the user configured. */
export type SearchSettings = {
  /** Only these engines, in this order; undefined: all that are configured, in their usual order. */
  only: readonly string[] | undefined;
  /** The settings of each engine, the engines in their usual order. An address is without a slash at the end. */
  engines: Readonly<Record<string, Partial<Record<"key" | "engine" | "address", EngineSetting>>>>;
  /** The least time between two requests to a page that is made for people, in milliseconds. */
  spacingMs: number;
};

/** The names of the engines to be asked, configured or not, in the order in which they are asked. */
export const askedEngines = ({ only, engines }: SearchSettings): readonly string[] => only ?? Object.keys(engines);

/** The names of the settings that an engine lacks. */
export const missing = ({ engines }: SearchSettings, name: string): string[] =>
  Object.values(engines[name] ?? {}).flatMap((setting) => (setting.value === undefined ? [setting.name] : []));
