import { extname } from "node:path";
import { toCsv } from "./csv.ts";
import { toJsonText } from "./json.ts";
import { cellText, flatten } from "./rows.ts";
import { type TableOptions, toTable } from "./table.ts";

/** The forms in which a result can be written. */
export const formats = ["json", "jsonl", "csv", "table", "text"] as const;
export type Format = (typeof formats)[number];

/** How to write a result. */
export interface FormatOptions extends TableOptions {
  readonly format: Format;
  /** Whether JSON is broken into lines, for people to read. */
  readonly pretty: boolean;
}

/** A result in one of the forms, without a line break at its end. @throws NotJsonError */
export function formatResult(value: unknown, options: FormatOptions): string {
  switch (options.format) {
    case "json":
      return toJsonText(value, options.pretty ? 2 : undefined);
    case "jsonl":
      return (Array.isArray(value) ? value : [value]).map((item) => toJsonText(item)).join("\n");
    case "csv":
      return toCsv(value);
    case "table":
      return toTable(value, options);
    case "text":
      return toText(value);
  }
}

/** Text as it is; an array with an item on each line; an object with a key and its value on each. */
function toText(value: unknown): string {
  if (Array.isArray(value)) return value.map(cellText).join("\n");
  const record = flatten(value);
  if (record.size === 1 && record.has("value") && !hasValueKey(value)) return cellText(value);
  return [...record].map(([key, item]) => `${key}: ${cellText(item)}`).join("\n");
}

function hasValueKey(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, "value");
}

/** The form that a file's name asks for; JSON when it does not say. */
export function formatOf(path: string | undefined): Format {
  const extension = path === undefined ? "" : extname(path).slice(1).toLowerCase();
  if (extension === "txt") return "text";
  return formats.find((format) => format === extension) ?? "json";
}
