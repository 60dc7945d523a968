/** A skill as the prompt names it: what it is called, and what it is there for. */
export type SkillSummary = { name: string; description: string };

/** What use_skill loads: the instructions, and the skill's other files by their paths in its folder. */
export type LoadedSkill = { body: string; files: readonly string[] };

/** The skills of a run. */
export interface Skills {
  /** Throws an Error for a skill that there is not, or that has changed since its user trusted it. */
  load(name: string): Promise<LoadedSkill>;
  /** The bytes of some of its files. Throws an Error for one that it does not have. */
  read(name: string, files: readonly string[]): Promise<Uint8Array[]>;
}
