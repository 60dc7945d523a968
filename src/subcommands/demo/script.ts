/** The demo's world: the files it begins with, its settings, and the replies of the model that is played by a script. */
export type Turn = { thought: string; plan: string; command: { name: string; args: Record<string, string> } };

export const letterFile = "letter.txt";

/** Long enough to fall out of the demo's small context after a few steps, so that memory has to bring it back. */
export const letter = [
  "To the reading room committee,",
  "thank you for taking on the summer exhibition. A few things happened while you were away, and I write them down in no",
  "order. The two north windows have been painted and can be opened again. The catalogue cards of the map collection have",
  "been moved to the ground floor, where the lift reaches them. The school classes of the district come on Wednesdays, in",
  "groups of twelve, and would like to see the globe first. The bookbinder asks for four weeks for the atlas of 1871.",
  "The key of the map cabinet is with Mrs. Adeyemi in room 214.",
  "The café across the yard will stay open until eight during the exhibition, and lends us thirty chairs for the opening.",
  "The posters are printed on the old press, two hundred of them, in blue. The piano was tuned. The insurance wants a list",
  "of everything older than a hundred years, with a photograph of each piece, and the photographer has offered a Monday.",
  "The lamps in the reading room are to be left on until the cleaners have gone, because the switch in the hall is broken.",
  "The visitors' book is full and a new one has been ordered, bound in linen like the old one.",
  "The choir sings at the opening if there is a place for twenty-four people to stand, which the stairs would offer.",
  "The clock above the door is seven minutes slow and will be looked at in autumn; until then the bell at noon is right.",
  "Two of the glass cases came back from the carpenter with new locks, the third one needs another pane and another week.",
  "The students of the drawing school ask whether they may sit in the gallery on Fridays; I have said yes until the end of term.",
  "The leaflet is at the printer's, who found eleven mistakes in it and was kind enough to say so before it was too late.",
  "The gardener would like to know by Thursday which of the plants on the stairs are to stay there for the opening.",
  "With kind regards, the archivist",
].join("\n");

export const settingsFile = `ai_name: Archivist
ai_role: an assistant that turns letters into short, sourced notes
ai_goals:
  - Read ${letterFile}
  - goal: Write note.md, saying where the key of the map cabinet is, with its source
    checks:
      - file_contains: { file: note.md, pattern: "room 214" }
      - file_contains: { file: note.md, pattern: "^## Source" }
`;

const factPattern = /The key of the map cabinet is with [^\n"\\]+?\d{3}/;

/** The reply to the request of this number (from 0). What it "remembers" is read from the memories in the request. */
export function turn(index: number, lastMessage: string): Turn {
  const recalled = lastMessage.includes("This reminds you") ? factPattern.exec(lastMessage)?.[0] : undefined;
  const turns: Turn[] = [
    {
      thought: "The letter is the only source there is. I read it first.",
      plan: "- read the letter\n- write the note\n- name the source",
      command: { name: "read_file", args: { file: letterFile } },
    },
    {
      thought: "I begin the note with its heading; what it has to say comes next.",
      plan: "- begin the note\n- declare the task complete",
      command: { name: "write_to_file", args: { file: "note.md", text: "# The map cabinet\n" } },
    },
    {
      thought: "The note exists, so the task should be complete. (It is not: the program will find that out.)",
      plan: "- finish",
      command: { name: "task_complete", args: { reason: "note.md is written." } },
    },
    {
      thought: recalled
        ? `The checks found that the note says nothing yet. The letter is no longer in my context, but my memory brought it back: ${recalled}.`
        : "The checks found that the note says nothing yet, and my memory did not bring the letter back.",
      plan: "- add what the letter says, and its source\n- finish",
      command: {
        name: "append_to_file",
        args: { file: "note.md", text: `\n${recalled ?? "Not known"}.\n\n## Source\n\n${letterFile}\n` },
      },
    },
    {
      thought: "Now the note says where the key is and names its source.",
      plan: "- finish",
      command: {
        name: "task_complete",
        args: { reason: "note.md says where the key of the map cabinet is, and names its source." },
      },
    },
  ];
  return turns[Math.min(index, turns.length - 1)] as Turn;
}
