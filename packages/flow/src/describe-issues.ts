/** The first issues of a check, in one line. */
export function describeIssues(
  issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[],
): string {
  return issues
    .slice(0, 3)
    .map(({ message, path }) => {
      const where = (path ?? []).map(keyOf).join(".");
      return where === "" ? message : `${where}: ${message}`;
    })
    .join("; ");
}

function keyOf(part: unknown): string {
  return typeof part === "object" && part !== null && "key" in part ? String(part.key) : String(part);
}
