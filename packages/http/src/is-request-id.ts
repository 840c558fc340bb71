/** What may go into headers and logs as it is. */
const plainId = /^[\w.:~+/=@-]{1,128}$/;

/** Whether services take a value for the id of a request. */
export function isRequestId(given: unknown): given is string {
  return typeof given === "string" && plainId.test(given);
}
