import { type ErrorCode, errorCatalog } from "@atomic-agents/core";

/** HTTP statuses that BAD_REQUEST comes with beside its own, for what is wrong with the request as a whole. */
const otherStatuses: Readonly<Record<number, string>> = {
  408: "The request did not arrive in time.",
  413: "The body is larger than the service takes.",
  415: "The body is not `application/json`.",
};

/** What is not the answer of a service by its status of the catalogue: it is the client who says it. */
const neverAnswered: ReadonlySet<string> = new Set<ErrorCode>(["CONNECTION", "INCOMPATIBLE"]);

/** Every status with which a service says that something went wrong, and what it may mean. */
export function problemStatuses(): ReadonlyMap<number, string> {
  const meanings = new Map<number, string[]>();
  for (const [code, { httpStatus, meaning }] of Object.entries(errorCatalog)) {
    if (neverAnswered.has(code)) continue;
    meanings.set(httpStatus, [...(meanings.get(httpStatus) ?? []), `\`${code}\`: ${meaning}`]);
  }
  for (const [status, meaning] of Object.entries(otherStatuses)) {
    meanings.set(Number(status), [`\`BAD_REQUEST\`: ${meaning}`]);
  }
  meanings.get(503)?.push("`CONNECTION`: The service is stopping, and has cut off the work before its end.");
  return new Map(
    [...meanings].toSorted(([a], [b]) => a - b).map(([status, lines]) => [status, lines.join("\n\n")]),
  );
}
