import { isStdoutClosed } from "../terminal/is-stdout-closed.ts";
import { UsageError } from "../usage-error.ts";

/** @throws UsageError where records, or a result, would go to a standard output that is closed, and be taken for written */
export function checkStdout(
  { writesStdout }: { readonly writesStdout: boolean },
  what = "the flow's records go",
): void {
  if (!writesStdout || !isStdoutClosed()) return;
  throw new UsageError(`Standard output is closed (EBADF), and ${what} there`, {
    where: "standard output",
    expected: "a file, a pipe or a terminal",
    hint: "Leave it open, name a file with --output, or let go of what comes with > /dev/null.",
  });
}
