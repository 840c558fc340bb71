import { check } from "./check.ts";
import type { Effort } from "./measure.ts";
import { measure } from "./measure.ts";
import { rowById } from "./rows.ts";

/** What the parent asks of this process; one task, one answer, then it ends. */
export type Task =
  | { readonly kind: "check"; readonly row: string }
  | { readonly kind: "measure"; readonly row: string; readonly effort: Effort };

async function answerTo(task: Task): Promise<void> {
  const row = rowById(task.row);
  const build = await row.load();
  const answer = task.kind === "check" ? await check(row, build) : await measure(row, build, task.effort);
  // Peers keep timers and sockets; the answer is all that is wanted.
  process.send?.(answer, () => process.exit(0));
}

process.once("message", (message) => {
  // Sent by run.ts and by nothing else. A failure ends this process, and the parent shows its last words.
  void answerTo(message as Task);
});
