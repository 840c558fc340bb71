import type { DocumentPath, FlowReport } from "./flow-report.ts";

/** Whether each name that something speaks of has a value, and each value such a name; reports those that have not. */
export function hasAll(
  report: FlowReport,
  place: DocumentPath,
  option: "values" | "parameters",
  names: readonly string[],
  given: readonly string[],
): boolean {
  const where = option === "values" ? "The address" : "The SQL";
  const missing = names.find((name) => !given.includes(name));
  const odd = given.find((name) => !names.includes(name));
  if (missing !== undefined) {
    report.error(place, {
      code: "missing-key",
      message: `${where} speaks of ${missing}, of which ${option} says nothing`,
      hint: `Such as ${option}: { ${missing}: record.${missing} }.`,
      of: "key",
    });
  } else if (odd !== undefined) {
    report.error([...place, option, odd], {
      code: "unknown-key",
      message: `${where} does not speak of ${odd}`,
      hint: names.length === 0 ? undefined : `It speaks of ${names.join(", ")}.`,
      of: "key",
    });
  }
  return missing === undefined && odd === undefined;
}
