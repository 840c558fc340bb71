import { styleText } from "node:util";
import { onOneLine } from "../output/fit-text.ts";
import type { StatusLine } from "./status-line.ts";

/** What every line of a log has. */
const ofEachLine = ["time", "level", "message"] as const;

/** What who has started one run knows of it. */
const ofRun = ["agent", "flow", "runId"] as const;

const styles = { debug: "dim", info: "cyan", warn: "yellow", error: "red" } as const;

/**
 * Writes lines of a log to standard error: as they are, which is JSON, where a program or a file may take them; for who looks
 * at a terminal as `warn: message key=value`. Where `of` says that the runs are many, each says which it is.
 */
export function logWriter(status: StatusLine, of: "run" | "runs" = "run"): (line: string) => void {
  const known: ReadonlySet<string> = new Set(of === "run" ? [...ofEachLine, ...ofRun] : ofEachLine);
  return status.live ? (line) => status.writeLine(shownLine(line, known)) : status.writeLine;
}

function shownLine(line: string, known: ReadonlySet<string>): string {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return onOneLine(line);
  }
  if (typeof entry !== "object" || entry === null) return onOneLine(line);
  const { level, message } = entry as { readonly level?: unknown; readonly message?: unknown };
  const name = String(level);
  const style = Object.hasOwn(styles, name) ? styles[name as keyof typeof styles] : "dim";
  const rest = Object.entries(entry)
    .filter(([key]) => !known.has(key))
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const text = `${styleText(style, `${name}:`, { stream: process.stderr })} ${onOneLine(String(message))}`;
  if (rest.length === 0) return text;
  return `${text} ${styleText("dim", onOneLine(rest.join(" ")), { stream: process.stderr })}`;
}
