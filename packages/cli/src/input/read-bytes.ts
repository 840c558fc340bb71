import { constants, createReadStream, fstatSync, openSync, statSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import { UsageError } from "../usage-error.ts";

/** The most that is read of one input: 64 MiB. */
const maxBytes = 64 * 1024 * 1024;

/** Reads standard input to its end, as UTF-8. @throws UsageError when it is not text, or too long */
export async function readStandardInput(signal: AbortSignal): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write("Reading standard input; Ctrl-D ends it.\n");
  return readText(standardInput, "standard input", signal);
}

/** Reads a file as UTF-8. @throws UsageError when it cannot be read, is not text, or too long */
export async function readTextFile(path: string, signal: AbortSignal): Promise<string> {
  if (path.includes("\0")) throw new UsageError("A path cannot hold the character NUL", { where: "--input" });
  return readText(() => bytesOf(path), path, signal);
}

/** Node.js takes a folder for an input without anything in it. */
function standardInput(): Readable {
  if (isStandardInputFolder()) throw Object.assign(new Error("a folder"), { code: "EISDIR" });
  return process.stdin;
}

function isStandardInputFolder(): boolean {
  try {
    return fstatSync(0).isDirectory();
  } catch {
    // Closed: Node.js says so itself.
    return false;
  }
}

/** Opening a pipe that nobody writes to would hold a thread, and with it the end of the process: so it is not waited for. */
function bytesOf(path: string): Readable {
  if (statSync(path, { throwIfNoEntry: false })?.isFIFO() !== true) return createReadStream(path);
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false });
}

async function readText(open: () => Readable, name: string, signal: AbortSignal): Promise<string> {
  let stream: Readable | undefined;
  const stop = () => stream?.destroy(new Error("interrupted"));
  signal.addEventListener("abort", stop, { once: true });
  try {
    signal.throwIfAborted();
    stream = open();
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
      hint: isFolder(error) ? "Name one of the files in it." : undefined,
      cause: error,
    });
  } finally {
    signal.removeEventListener("abort", stop);
    stream?.destroy();
  }
}

function decode(bytes: Uint8Array, name: string): string {
  const utf16 = utf16Of(bytes);
  if (utf16 !== undefined) {
    throw new UsageError(`${name} looks like UTF-16 text, not UTF-8`, {
      expected: "text in UTF-8",
      got: `${bytes.length} bytes, ${utf16.sign}`,
      hint: `Convert it to UTF-8: iconv -f ${utf16.encoding} -t UTF-8`,
    });
  }
  let text: string;
  try {
    // Takes a byte order mark away.
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new UsageError(`${name} is not UTF-8 text`, {
      expected: "text in UTF-8",
      got: `${bytes.length} bytes that are not`,
      hint: "Save it as UTF-8; what is no text cannot be an input.",
      cause: error,
    });
  }
  const nulAt = bytes.indexOf(0);
  if (nulAt === -1) return text;
  throw new UsageError(`${name} has a NUL byte, which no text has`, {
    expected: "text in UTF-8",
    got: `a NUL as byte ${nulAt + 1} of ${bytes.length}`,
    hint: "Is it a text file, saved as UTF-8?",
  });
}

interface Utf16 {
  /** As `iconv` calls it. */
  readonly encoding: string;
  /** What tells it. */
  readonly sign: string;
}

/** By its mark, or by the NULs beside the first characters. */
function utf16Of([first, second, third, fourth]: Uint8Array): Utf16 | undefined {
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return { encoding: "UTF-16", sign: "with the mark of UTF-16 before them" };
  }
  const sign = "every other one NUL";
  if (first !== 0 && second === 0 && third !== 0 && fourth === 0) return { encoding: "UTF-16LE", sign };
  if (first === 0 && second !== 0 && third === 0 && fourth !== 0) return { encoding: "UTF-16BE", sign };
  return undefined;
}

function isFolder(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EISDIR";
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "there is no such file";
  if (isFolder(error)) return "it is a folder";
  if (code === "EACCES") return "permission denied";
  if (code === "ELOOP") return "its links lead in a circle";
  return error.message;
}
