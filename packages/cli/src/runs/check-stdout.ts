import { isStdoutClosed } from "../terminal/is-stdout-closed.ts";
import { UsageError } from "../usage-error.ts";

/** @throws UsageError where records would go to a standard output that is closed, and be counted as written */
export function checkStdout({ writesStdout }: { readonly writesStdout: boolean }): void {
  if (!writesStdout || !isStdoutClosed()) return;
  throw new UsageError("Standard output is closed (EBADF), and the flow's records go there", {
    where: "standard output",
    expected: "a file, a pipe or a terminal",
    hint: "Leave it open, give the flow another --output, or let go of the records with > /dev/null.",
  });
}
