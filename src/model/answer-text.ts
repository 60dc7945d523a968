/** A function that the model wants called; `args` is JSON as the model wrote it. */
export type ToolCall = { name: string; args: string };

/**
 * The text of an answer, for the parser of replies to judge. A model that answers with tool calls means a command: it
 * is written in the reply's own form, its arguments as the text they are, so that half of them never pass for all.
 */
export function answerText(content: string, calls: readonly ToolCall[]): string {
  const named = calls.filter(({ name }) => name !== "");
  if (named.length === 0) return content;
  const commands = named.map(({ name, args }) => ({ name, args }));
  const command = commands.length === 1 ? commands[0] : commands;
  const speaks = content.trim() !== "" && !content.includes("{");
  if (content.trim() === "" || speaks) {
    return JSON.stringify({ ...(speaks && { thoughts: { text: content.trim() } }), command });
  }
  return `${content.trimEnd()}\n${JSON.stringify({ command })}`;
}
