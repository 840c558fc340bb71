import type { FileFormat } from "@atomic-agents/flow";

const formats: Readonly<Record<string, FileFormat>> = {
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
  ".json": "json",
  ".csv": "csv",
  ".tsv": "csv",
  ".txt": "text",
  ".log": "text",
};

/** The format of a file by its name's ending, as flows take it; undefined where that says nothing. */
export function formatOfName(name: string): FileFormat | undefined {
  const ending = /(?<ending>\.[a-z\d]+)(?:\.gz)?$/i.exec(name)?.groups?.["ending"]?.toLowerCase() ?? "";
  return Object.hasOwn(formats, ending) ? formats[ending] : undefined;
}
