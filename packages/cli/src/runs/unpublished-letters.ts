import type { RunRecord } from "@atomic-agents/core";
import { unpublishedFiles } from "@atomic-agents/flow";
import { runStateOf } from "@atomic-agents/project";
import { open } from "node:fs/promises";
import { isGone } from "./is-gone.ts";
import { runOfLetters } from "./run-of-letters.ts";

/**
 * The file in which the letters of a run are that was killed, so that it could not publish them; undefined for other runs,
 * and where there is none.
 */
export async function unpublishedLetters(record: RunRecord): Promise<string | undefined> {
  const path = record.flow?.origin?.deadLetters;
  if (path === undefined || runStateOf(record) !== "interrupted") return undefined;
  const left = (await unpublishedFiles(path)).find(({ runId }) => runId === record.report.runId);
  if (left !== undefined) return left.bytes > 0 ? left.path : undefined;
  // It may have been killed after that.
  return (await runOfLetters(path)) === record.report.runId ? path : undefined;
}

const newline = 0x0a;
const chunkBytes = 65_536;

/** Cuts off the line that a run was writing when it was killed. A file of a run that may go on is left as it is. */
export async function cutTornLine(record: RunRecord, file: string): Promise<void> {
  if (!isGone(record)) return;
  const handle = await open(file, "r+");
  try {
    const { size } = await handle.stat();
    const end = await lastLineEnd(handle, size);
    if (end < size) await handle.truncate(end);
  } finally {
    await handle.close();
  }
}

/** The offset behind the last line end; 0 when there is none. */
async function lastLineEnd(
  handle: { readonly read: (buffer: Buffer, offset: number, length: number, at: number) => Promise<unknown> },
  size: number,
): Promise<number> {
  for (let end = size; end > 0; ) {
    const from = Math.max(0, end - chunkBytes);
    const chunk = Buffer.alloc(end - from);
    await handle.read(chunk, 0, chunk.length, from);
    const at = chunk.lastIndexOf(newline);
    if (at >= 0) return from + at + 1;
    end = from;
  }
  return 0;
}
