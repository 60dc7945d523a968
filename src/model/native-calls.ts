import { isObject, parseJson } from "../base/json.js";

/** A command as a tool: `name` is one that servers take, `command` its own. */
export type Tool = { name: string; command: string; description: string; parameters: Record<string, unknown> };

/** What a model called, and what it said beside that; arguments are JSON as it wrote them. */
export type Called = { content: string; calls: readonly { name: string; args: string }[] };

const longestName = 64;
const leftOut = "calls_left_out";

/** The names of commands as servers take them (letters, digits, _ and -, at most 64), each another one. */
export function toolNames(commands: readonly string[]): string[] {
  const taken = new Set<string>();
  return commands.map((command) => {
    const plain = command.replaceAll(".", "__").replace(/[^a-zA-Z0-9_-]/g, "_");
    let name = plain.slice(0, longestName);
    for (let number = 2; taken.has(name); number++) {
      const end = `_${number}`;
      name = `${plain.slice(0, longestName - end.length)}${end}`;
    }
    taken.add(name);
    return name;
  });
}

/**
 * A call of a tool as the text of a reply: one command by its own name, its arguments as they were written. Of several calls the first
 * counts, and the text says how many do not. What was said beside it are the thoughts.
 */
export function nativeReply({ content, calls }: Called, tools: readonly Tool[]): string {
  const [first, ...others] = calls;
  const name = tools.find((tool) => tool.name === first?.name)?.command ?? first?.name ?? "";
  const said = parseJson(content);
  const thoughts = isObject(said) ? said["thoughts"] : content.trim() === "" ? undefined : { text: content.trim() };
  return JSON.stringify({
    ...(thoughts !== undefined && { thoughts }),
    command: { name, args: first?.args ?? "" },
    ...(others.length > 0 && { [leftOut]: others.length }),
  });
}

/** How many calls of a reply were left out. */
export function callsLeftOut(reply: string): number {
  if (!reply.includes(`"${leftOut}"`)) return 0;
  const value = parseJson(reply);
  const count = isObject(value) ? value[leftOut] : 0;
  return typeof count === "number" ? count : 0;
}

/** The most tokens that tools add to a request. */
export function toolTokens(tools: readonly Tool[] = []): number {
  const known = sizes.get(tools) ?? Math.ceil((tools.length === 0 ? 0 : JSON.stringify(tools).length) / 3);
  sizes.set(tools, known);
  return known;
}

/** A run has the same tools in all its requests. */
const sizes = new WeakMap<readonly Tool[], number>();
