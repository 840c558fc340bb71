import { AtomicError } from "@atomic-agents/core";

/** What the system's codes mean, and what can be done. */
const meanings: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  ENOSPC: ["the disk is full", "Free some space, or keep the runs elsewhere: settings.runs.path."],
  EDQUOT: ["the disk quota is used up", "Free some space, or keep the runs elsewhere: settings.runs.path."],
  EROFS: ["the file system is read-only", "Keep the runs elsewhere: settings.runs.path."],
  EACCES: [
    "permission denied",
    "Let this user read and write there, or keep the runs elsewhere: settings.runs.path.",
  ],
  EPERM: [
    "not permitted",
    "Let this user read and write there, or keep the runs elsewhere: settings.runs.path.",
  ],
  ENOTDIR: ["a part of the path is no folder", "Look at the path: settings.runs.path."],
  EEXIST: [
    "a file is in the place of the folder",
    "Move it away, or keep the runs elsewhere: settings.runs.path.",
  ],
  EISDIR: [
    "a folder is in the place of the file",
    "Move it away, or keep the runs elsewhere: settings.runs.path.",
  ],
};

const defaultHint = "Mend what the message says, or keep the runs elsewhere: settings.runs.path.";

/** Says what a store of runs could not do, where, and why. */
export function storeFailure(
  action: "save" | "read" | "delete",
  place: string,
  thrown: unknown,
): AtomicError {
  if (AtomicError.isInstance(thrown)) return thrown;
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const [meaning, hint] = meanings[code] ?? [text, defaultHint];
  const told = meanings[code] === undefined ? meaning : `${meaning} (${code})`;
  return new AtomicError("EXECUTION", `Runs in ${place}: could not ${action}: ${told}`, {
    details: { thrown: text },
    hint,
    cause: thrown,
  });
}

/** Whether a file or folder is not there. */
export function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT";
}
