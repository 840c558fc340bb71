import { AtomicError, errorCatalog } from "@atomic-agents/core";
import type { Problem, ProblemCode } from "./problem.ts";
import { ProjectError } from "./project-error.ts";
import { problemAt, type TextDocument } from "./text-document.ts";
import type { TextPath } from "./text-node.ts";

/** The place in a document that an error is about. */
export interface ErrorPlaceInDocument {
  readonly document: TextDocument;
  readonly path: TextPath;
  readonly of?: "key" | "value" | undefined;
  /** `load` when absent. */
  readonly code?: ProblemCode | undefined;
}

/** An error as a problem at the place that led to it; of a `ProjectError` its first problem, which has its own place. */
export function problemFrom(error: unknown, place: ErrorPlaceInDocument): Problem {
  const [first] = ProjectError.isProjectError(error) ? error.problems : [];
  if (first !== undefined) return first;
  const { document, path, of, code = "load" } = place;
  const message = error instanceof Error ? error.message : String(error);
  return problemAt(document, path, { code, message, hint: hintOf(error), of });
}

/** What the error itself says to try; what its code says of all its kind helps nobody further. */
function hintOf(error: unknown): string | undefined {
  if (!AtomicError.isInstance(error)) return undefined;
  return error.hint === errorCatalog[error.code].fix ? undefined : error.hint;
}
