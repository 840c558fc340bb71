import { ContractError } from "../errors.ts";
import type { Io } from "../json-schema.ts";
import { type JsonProblem, remedyFor } from "./problem.ts";

/** The error for a contract of which some parts, at least one, are not JSON, or not known to be. */
export function notJson(
  problems: readonly JsonProblem[],
  io: Io,
  vendor: string,
  cause?: unknown,
): ContractError {
  // What surely is not JSON has to be mended first.
  const sorted = problems.toSorted((a, b) => Number(a.isUnsure ?? false) - Number(b.isUnsure ?? false));
  const [first = { path: "", reason: "something in it is not JSON" }] = sorted;
  const place = first.path === "" ? "" : `at ${first.path}: `;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  return new ContractError({
    code: "NOT_JSON",
    message: `The ${io} of the contract is not JSON: ${place}${first.reason}${more}.`,
    hint: `Try this: ${remedyFor(first, io)}.`,
    path: first.path,
    vendor,
    problems: sorted,
    cause,
  });
}
