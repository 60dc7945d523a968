import { setting } from "../setting.js";
import { artifactsPlace, queueAddress } from "../value-types.js";

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
  artifactsUrl: setting({
    group: "Fleet",
    environment: ["ARTIFACTS_URL"],
    type: artifactsPlace(),
    // Somebody may have put keys into it.
    hidden: true,
    example: "s3://bucket/prefix?endpoint=https://s3.example.org",
    help: "Where runs of a fleet keep files above 1 MB: a folder that all workers reach (file:///…), or an S3 bucket (s3://…, keys in AWS_…)",
  }),
};
