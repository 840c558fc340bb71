import { AtomicError, errorCatalog } from "@atomic-agents/core";
import type { DocumentPath, FlowReport } from "./flow-report.ts";

/** Whether a stage can be made with its options; what is wrong with them is reported where it stands. */
export function isRightly(report: FlowReport, path: DocumentPath, make: () => unknown): boolean {
  try {
    make();
    return true;
  } catch (thrown) {
    if (!AtomicError.isInstance(thrown, "CONFIG")) throw thrown;
    const { details, message, hint } = thrown;
    const keys = details.path === "options" ? [] : details.path.split(/[.[\]]+/).filter((key) => key !== "");
    const place = [...path, ...keys.map((key) => (/^\d+$/.test(key) ? Number(key) : key))];
    report.error(place, {
      code: "wrong-value",
      // What the options are of is the place.
      message: message.replace(/^[\w.]+: /, ""),
      // The place is shown.
      hint: hint === errorCatalog.CONFIG.fix ? undefined : hint,
    });
    return false;
  }
}
