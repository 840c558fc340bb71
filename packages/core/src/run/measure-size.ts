import type { Frame } from "./frame.ts";

/** Notes how large a value is as JSON, in bytes of UTF-8; one that is no JSON has no size. */
export function measureSize(frame: Frame, side: "input" | "output", value: unknown): void {
  const bytes = sizeOf(value);
  if (bytes === undefined) return;
  frame.rare ??= {};
  const key = side === "input" ? "inputBytes" : "outputBytes";
  const sizes = (frame.rare[key] ??= []);
  sizes[frame.index] = bytes;
}

function sizeOf(value: unknown): number | undefined {
  try {
    const text: string | undefined = JSON.stringify(value);
    return text === undefined ? undefined : Buffer.byteLength(text);
  } catch {
    return undefined;
  }
}
