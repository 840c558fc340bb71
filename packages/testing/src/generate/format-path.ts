import { anything, describeIssues } from "@atomic-agents/contracts";

const any = anything();

/** Keys as the path of an issue is written, so that the two can be compared: `items[0].name`; `""` for none. */
export function formatPath(keys: readonly PropertyKey[]): string {
  return describeIssues(any, [{ message: "here", path: keys }], undefined)[0]?.path ?? "";
}
