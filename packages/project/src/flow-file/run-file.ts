import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";

/** Stands for a run's id in a path that is the same for all runs. */
export const runIdMark = "<run id>";

/** A path in which a run's id takes the place of the mark. */
export function pathInRun(path: string, runId: string): string {
  return path.replaceAll(runIdMark, safeName(runId));
}

/** The file of a run beside a file of its own: `tickets.jsonl.gz` gives `tickets.redrive-<run id>.jsonl.gz`. */
export function redriveFile(file: string): string {
  const name = basename(file);
  const { stem = name, ending = "" } =
    /^(?<stem>.+?)(?<ending>(?:\.[A-Za-z\d]+)?(?:\.gz)?)$/i.exec(name)?.groups ?? {};
  return join(dirname(file), `${stem}.redrive-${runIdMark}${ending}`);
}

/** A name as part of a path: others than letters, digits and `._-` would lead elsewhere, or are not taken everywhere. */
export function safeName(name: string): string {
  const safe = name
    .replaceAll(/[^\p{L}\p{N}._-]/gu, "-")
    .replace(/^\.+/, "-")
    .slice(0, 100);
  if (safe === name && name !== "") return name;
  return `${safe}-${createHash("sha256").update(name).digest("hex").slice(0, 8)}`;
}
