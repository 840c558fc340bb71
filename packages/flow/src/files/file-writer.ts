import type { SinkWriter } from "../sink.ts";
import { OutputFile } from "./output-file.ts";

/** Writes lines to an `OutputFile`. */
export class FileWriter implements SinkWriter<string> {
  private readonly file: OutputFile;

  private constructor(file: OutputFile) {
    this.file = file;
  }

  /** @throws AtomicError `CONFIG` for what cannot be written */
  static async open(path: string, runId: string, signal: AbortSignal): Promise<FileWriter> {
    return new FileWriter(await OutputFile.open("toDeadLetters", path, runId, signal));
  }

  get isDirect(): boolean {
    return this.file.isDirect;
  }

  readonly write = (lines: readonly string[]): Promise<void> =>
    this.file.write(Buffer.from(`${lines.join("\n")}\n`, "utf8"));

  readonly prepare = (): Promise<void> => this.file.prepare();

  readonly publish = (): Promise<void> => this.file.publish();

  readonly discard = (): Promise<void> => this.file.discard();
}
