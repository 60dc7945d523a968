import { setting } from "../setting.js";
import { exactAddress, key, text } from "../value-types.js";

const notify = "Notifications: of the end, of a limit that is near, of a question";

/** Who is told while nobody watches. */
export const notifySettings = {
  notifyCommand: setting({
    group: notify,
    environment: ["NOTIFY_COMMAND"],
    type: text("a command line"),
    example: "jq -r .type | xargs notify-send autogpt",
    help: "Command line of yours that reads a notification as JSON from standard input; not taken from a project's .env",
  }),
  notifyUrl: setting({
    group: notify,
    environment: ["NOTIFY_URL"],
    type: exactAddress(),
    secret: true,
    example: "https://hooks.example/autogpt",
    help: "Address that notifications are sent to as JSON (POST)",
  }),
  notifySecret: setting({
    group: notify,
    environment: ["NOTIFY_SECRET"],
    type: key(),
    secret: true,
    placeholder: "your-notify-secret",
    help: "Secret that they are signed with, as Standard Webhooks has it (webhook-signature)",
  }),
};
