import type { Complaint } from "./complaint.js";

/** The server answered, and refused. */
export class RefusedRequest extends Error {
  readonly status: number;
  readonly complaint: Complaint;
  readonly retryAfterMs: number | undefined;
  constructor(status: number, complaint: Complaint, retryAfter: number | undefined) {
    super(`status ${status}`);
    this.name = "RefusedRequest";
    this.status = status;
    this.complaint = complaint;
    this.retryAfterMs = retryAfter;
  }
}
