import { setting } from "../setting.js";
import { queueAddress } from "../value-types.js";

/** Runs on many machines, from one queue. */
export const fleetSettings = {
  queueUrl: setting({
    group: "Fleet",
    environment: ["QUEUE_URL"],
    type: queueAddress(),
    // The address may hold a password; elsewhere only that password is masked, not the whole address.
    hidden: true,
    example: "redis://:password@localhost:6379/0",
    help: "The queue of autogpt submit and autogpt work: a Redis or PostgreSQL server (postgres://…)",
  }),
};
