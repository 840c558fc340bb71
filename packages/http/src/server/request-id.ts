/** What may go into headers and logs as it is. */
const plainId = /^[\w.:~+/=@-]{1,128}$/;

let processPart = "";
let count = 0;

/** The caller's id for a request where it can be used, or one made for it. */
export function requestIdOf(given: string | readonly string[] | undefined): string {
  if (typeof given === "string" && plainId.test(given)) return given;
  if (processPart === "") processPart = `${globalThis.crypto.randomUUID().replaceAll("-", "").slice(0, 16)}-`;
  count++;
  return processPart + count.toString(36);
}

export function isRequestId(given: unknown): given is string {
  return typeof given === "string" && plainId.test(given);
}
