import { isRequestId } from "../is-request-id.ts";

let processPart = "";
let count = 0;

/** The caller's id for a request where it can be used, or one made for it. */
export function requestIdOf(given: string | readonly string[] | undefined): string {
  if (isRequestId(given)) return given;
  if (processPart === "") processPart = `${globalThis.crypto.randomUUID().replaceAll("-", "").slice(0, 16)}-`;
  count++;
  return processPart + count.toString(36);
}
