import type { Listener } from "../history/emit.js";
import type { Speaker } from "./speaker.js";

/** Reads a run aloud: what the AI wants to say, what it wants to do, and how its sub-agents greet. */
export function speechListener(speaker: Speaker): Listener {
  return (event) => {
    switch (event.type) {
      case "context-built":
        return speaker.cut();
      case "reply-parsed":
        speaker.say(event.thoughts.speak);
        if (event.command) speaker.say(`I want to execute ${event.command.name}`);
        return;
      case "agent-message":
        if (event.role !== "user" || event.name === undefined) return;
        speaker.say(`${event.name} here, Reporting for duty!`, 2);
        return speaker.say(`Hello ${event.name}. Your task is as follows. ${event.task ?? ""}.`);
      default:
    }
  };
}
