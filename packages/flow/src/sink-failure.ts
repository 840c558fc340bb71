import { AtomicError, toAtomicError } from "@atomic-agents/core";

/** A sink that something went wrong with, as far as it has come. */
export interface FailedSink {
  readonly name: string;
  /** How many records it has acknowledged. */
  readonly written: number;
  /** What it has written is there already, and stays. */
  readonly isDirect: boolean;
  /** The names of sinks that had published before. */
  readonly published: readonly string[];
}

/** What the system's code of a failed write means, and what may help. */
const meanings: Readonly<Record<string, readonly [meaning: string, hint: string]>> = {
  ENOSPC: ["the disk is full", "Make room there, or have the flow write elsewhere; then run it again."],
  EDQUOT: ["the user's share of the disk is used up", "Make room there, or have the flow write elsewhere."],
  EFBIG: [
    "a file may not be as large as this one would be",
    "Raise the limit (ulimit -f), pack it (.gz), or write several.",
  ],
  EACCES: ["there is no permission", "Give the process's user the right to write there."],
  EPERM: ["there is no permission", "Give the process's user the right to write there."],
  EROFS: ["the file system is read-only", "Have the flow write elsewhere."],
  ENOENT: ["its folder or its temporary file has gone", "Let nobody remove it while the flow runs."],
  ENOTDIR: ["a part of its path is a file", "Rename one of them."],
  EPIPE: ["its reader has gone", "Nothing, when it was meant."],
  ECONNRESET: ["its reader has gone", "Nothing, when it was meant."],
  EBADF: ["it is closed", "Leave it open, or have the flow write to a file."],
  EIO: ["the disk does not answer as it should", "Look at the system's log: the disk may be broken."],
  EMFILE: ["the process has too many files open", "Raise the limit (ulimit -n), or use fewer at a time."],
  ENFILE: ["the system has too many files open", "Close some."],
};

/**
 * An error that tells what became of an output: which, why, how much had been written, and what there is of it now. What
 * is an `AtomicError` says so itself, and is only told where it was.
 */
export function sinkFailure(thrown: unknown, sink: FailedSink): AtomicError {
  const { name } = sink;
  if (AtomicError.isInstance(thrown)) return toAtomicError(thrown, { stage: name });
  const shown = JSON.stringify(name);
  const code = codeOf(thrown);
  if (code === undefined) {
    const { message } = toAtomicError(thrown);
    const text = message.replace(/^Execution threw: /, "");
    return failure(thrown, name, `Sink ${shown} threw${soFar(sink)}: ${text}; ${rest(sink)}`, text);
  }
  const [meaning, hint] = meanings[code] ?? [textOf(thrown), undefined];
  const told = meanings[code] === undefined ? meaning : `${meaning} (${code})`;
  return failure(
    thrown,
    name,
    `${shown} could not be written${soFar(sink)}: ${told}; ${rest(sink)}`,
    textOf(thrown),
    hint,
  );
}

function failure(
  cause: unknown,
  stage: string,
  message: string,
  thrown: string,
  hint?: string,
): AtomicError<"EXECUTION"> {
  return new AtomicError("EXECUTION", message, { stage, details: { thrown }, cause, retryable: false, hint });
}

function soFar({ written }: FailedSink): string {
  if (written === 0) return "";
  return written === 1 ? " after 1 record" : ` after ${written} records`;
}

function rest({ written, isDirect, published }: FailedSink): string {
  if (published.length > 0) {
    return `published before were ${published.map((name) => JSON.stringify(name)).join(", ")}`;
  }
  return isDirect && written > 0 ? "what was written there stays" : "nothing was published";
}

/** The system's code of an error of it. */
function codeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !("code" in thrown) || typeof thrown.code !== "string") return undefined;
  return "syscall" in thrown || thrown.code in meanings ? thrown.code : undefined;
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
