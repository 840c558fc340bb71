import type { TemporaryFile } from "../sort/temporary-file.ts";

/** How many parts there are. */
export const partCount = 32;
/** How much text of a part is written at a time. */
const blockLength = 32_768;

interface Part {
  text: string;
  readonly blocks: { readonly start: number; readonly end: number }[];
}

/** The part that a key belongs to; with another level the keys of one part are spread over all of them. */
export function partOf(keyText: string, level: number): number {
  // FNV-1a of 32 bits over UTF-16 units (Fowler, Noll, Vo); its upper half is mixed better than its lower one.
  let hash = 0x811c9dc5 ^ Math.imul(level, 0x9e3779b1);
  for (let at = 0; at < keyText.length; at++) hash = Math.imul(hash ^ keyText.charCodeAt(at), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % partCount;
}

/** Lines in one file, in parts that are read one by one. */
export class PartedLines {
  private readonly file: TemporaryFile;
  private readonly parts: readonly Part[] = Array.from({ length: partCount }, () => ({
    text: "",
    blocks: [],
  }));

  constructor(file: TemporaryFile) {
    this.file = file;
  }

  /** One call after the other; a promise when something has to be written. @throws what writing throws */
  add(index: number, line: string): Promise<void> | undefined {
    const part = this.parts[index];
    if (part === undefined) return undefined;
    part.text += `${line}\n`;
    return part.text.length >= blockLength ? this.write(part) : undefined;
  }

  /** Writes what has not been; nothing may be added any more. */
  async finish(): Promise<void> {
    for (const part of this.parts) if (part.text !== "") await this.write(part);
  }

  hasLines(index: number): boolean {
    const part = this.parts[index];
    return part !== undefined && (part.blocks.length > 0 || part.text !== "");
  }

  /** The lines of a part, some at a time, in the order in which they came. */
  async *read(index: number): AsyncGenerator<readonly string[]> {
    for (const { start, end } of this.parts[index]?.blocks ?? []) {
      const buffer = Buffer.allocUnsafeSlow(end - start);
      for (let at = 0; at < buffer.length; ) {
        const rest = buffer.subarray(at);
        const bytesRead = await this.file.read(rest, rest.length, start + at);
        if (bytesRead === 0) throw new Error("a temporary file ends too early");
        at += bytesRead;
      }
      const lines = buffer.toString("utf8").split("\n");
      lines.pop();
      yield lines;
    }
  }

  private async write(part: Part): Promise<void> {
    const { text } = part;
    part.text = "";
    const start = this.file.bytes;
    await this.file.append(text);
    part.blocks.push({ start, end: this.file.bytes });
  }
}
