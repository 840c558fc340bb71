import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { UsageError } from "../usage-error.ts";

/** The most that is read of one input: 64 MiB. */
const maxBytes = 64 * 1024 * 1024;

/** Reads standard input to its end, as UTF-8. @throws UsageError when it is not text, or too long */
export async function readStandardInput(signal: AbortSignal): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write("Reading standard input; Ctrl-D ends it.\n");
  return readText(process.stdin, "standard input", signal);
}

/** Reads a file as UTF-8. @throws UsageError when it cannot be read, is not text, or too long */
export async function readTextFile(path: string, signal: AbortSignal): Promise<string> {
  if (path.includes("\0")) throw new UsageError("A path cannot hold the character NUL", { where: "--input" });
  return readText(createReadStream(path), path, signal);
}

async function readText(stream: Readable, name: string, signal: AbortSignal): Promise<string> {
  const stop = () => stream.destroy(new Error("interrupted"));
  signal.addEventListener("abort", stop, { once: true });
  try {
    signal.throwIfAborted();
    const chunks: Uint8Array[] = [];
    let length = 0;
    // A stream without an encoding gives bytes.
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > maxBytes) {
        throw new UsageError(`${name} is longer than ${maxBytes} bytes`, {
          hint: "Split it, or run the agent from a program.",
        });
      }
      chunks.push(chunk);
    }
    return decode(Buffer.concat(chunks), name);
  } catch (error) {
    if (signal.aborted || error instanceof UsageError) throw error;
    throw new UsageError(`Cannot read ${name}: ${reasonOf(error)}`, {
      expected: "a file that can be read, or - for standard input",
      got: name,
      cause: error,
    });
  } finally {
    signal.removeEventListener("abort", stop);
    stream.destroy();
  }
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    // Takes a byte order mark away.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new UsageError(`${name} is not UTF-8 text`, {
      expected: "text in UTF-8",
      got: `${bytes.length} bytes that are not`,
      cause: error,
    });
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EISDIR") return "it is a folder";
  if (code === "EACCES") return "permission denied";
  return error.message;
}
