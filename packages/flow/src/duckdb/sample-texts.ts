import { open } from "node:fs/promises";

/** Of so much of a file, and of so many lines in it, texts are looked at. */
const sampleBytes = 262_144;
const sampleLines = 1000;

/**
 * Which of some keys have, in the first lines of a file, a text that looks like other JSON, such as a number. What is no JSON is
 * passed over.
 */
export async function textsLikeOthers(path: string, keys: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const line of await firstLines(path)) {
    const record = recordOf(line);
    for (const key of keys) {
      const value = record?.[key];
      if (typeof value === "string" && isLikeOthers(value)) found.add(key);
    }
  }
  return found;
}

/** Without the last one, which may be cut. */
async function firstLines(path: string): Promise<readonly string[]> {
  const handle = await open(path, "r");
  try {
    const bytes = Buffer.allocUnsafe(sampleBytes);
    const { bytesRead } = await handle.read(bytes, 0, sampleBytes, 0);
    const lines = bytes.toString("utf8", 0, bytesRead).split("\n", sampleLines + 1);
    return bytesRead < sampleBytes && lines.length <= sampleLines ? lines : lines.slice(0, -1);
  } finally {
    await handle.close();
  }
}

function recordOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    // An object can be asked for a key.
    return typeof value === "object"
      ? ((value ?? undefined) as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

function isLikeOthers(text: string): boolean {
  if (/^[[{]|^(?:true|false|NaN|Infinity)$/.test(text)) return true;
  return text.trim() !== "" && Number.isFinite(Number(text));
}
