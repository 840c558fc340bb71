import type { AnySchema, VendorIssue } from "./schema.ts";

/** One complaint about a value. */
export interface Issue {
  /** Where in the value, such as `items[0].name`; `""` is the value itself. */
  readonly path: string;
  readonly message: string;
  /** What would have been right, where the vendor says. */
  readonly expected?: string;
  /** A short preview of what was there. */
  readonly got: string;
}

export function describeIssues(
  _schema: AnySchema,
  issues: readonly VendorIssue[],
  _value: unknown,
): readonly Issue[] {
  return issues.map((issue) => ({
    path: (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join("."),
    message: issue.message,
    got: "",
  }));
}
