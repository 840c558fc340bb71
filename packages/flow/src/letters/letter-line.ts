import { AtomicError, errorFromJson, redacted, redactText } from "@atomic-agents/core";
import type { DeadLetter, LetterEntry, RecordRange } from "../dead-letter.ts";
import { inputLoss } from "./input-loss.ts";

/** The form of the lines, told in each of them: one of another form is refused. */
const version = 1;
/** A larger input is not kept as it was. */
export const maxInputBytes = 16_777_216;
/** The most records that a letter may stand for. */
const maxRecords = 1_000_000;
/** How much is kept of an error, and of an input that is not kept as it was. */
const maxShownBytes = 16_384;

/**
 * A letter as a line of JSON. Never throws: of an input that JSON does not give back as it was, that is too large or
 * holds the text of a secret, the line has what can be shown, and says so in `inputProblem`.
 */
export function letterLine(letter: DeadLetter): string {
  const { record, records, source, file, line, column, byteOffset, stage, entry, agent } = letter;
  const { letter: number, attempts, timestamp, flow, flowHash, runId, redriveOf } = letter;
  const { text, problem } = inputText(letter);
  const head = JSON.stringify({
    version,
    letter: number,
    record,
    records,
    source,
    file,
    line,
    column,
    byteOffset,
    stage,
    entry,
    agent,
    attempts,
    timestamp,
    flow,
    flowHash,
    runId,
    redriveOf,
    inputProblem: problem,
  });
  return `${head.slice(0, -1)},"error":${errorText(letter.error)},"input":${text}}`;
}

/** Most errors are short and hold no secret, and are written down for a tenth of the price. */
function errorText(error: AtomicError): string {
  const parts = AtomicError.prototype.toJSON.call(error);
  try {
    const text = JSON.stringify(parts);
    if (text.length < maxShownBytes && redactText(text) === text) return text;
  } catch {
    // Its details hold something that is no JSON.
  }
  return JSON.stringify(redacted(parts, { maxBytes: maxShownBytes, redactKeys: [] }));
}

interface InputText {
  readonly text: string;
  readonly problem: string | undefined;
}

function inputText({ input, inputProblem }: DeadLetter): InputText {
  if (inputProblem !== undefined) return shown(input, inputProblem);
  let text: string | undefined;
  try {
    // Gives undefined for what is no JSON, whatever its type says.
    text = JSON.stringify(input) as string | undefined;
    const loss = inputLoss(input);
    if (loss !== undefined || text === undefined) return shown(input, loss ?? "it is no JSON");
  } catch (thrown) {
    return shown(input, thrown instanceof Error ? thrown.message : "it could not be read");
  }
  // A UTF-16 unit has at most three bytes of UTF-8.
  const bytes = text.length * 3 <= maxInputBytes ? 0 : Buffer.byteLength(text);
  if (bytes > maxInputBytes) return shown(input, `takes ${bytes} bytes, more than ${maxInputBytes}`);
  if (redactText(text) !== text) return shown(input, "it holds the text of a secret");
  return { text, problem: undefined };
}

function shown(input: unknown, problem: string): InputText {
  const view = redacted(input, { maxBytes: maxShownBytes, redactKeys: [] });
  return { text: JSON.stringify(view), problem: redactText(problem).slice(0, 1_000) };
}

/**
 * The letter that a line holds.
 *
 * @throws TypeError that says what is wrong with it
 */
export function letterFromJson(json: unknown): DeadLetter {
  const letter = objectAt("the line", json);
  if (letter["version"] !== version) {
    throw new TypeError(
      `no dead letter of version ${version}: "version" is ${JSON.stringify(letter["version"])}`,
    );
  }
  const { records, entry, error, input } = letter;
  const code = objectAt("error", error)["code"];
  if (typeof code !== "string") throw wrong("error.code", "a text");
  const inputProblem = optionalText(letter, "inputProblem");
  if (!("input" in letter)) throw wrong("input", "there");
  const read: Written<DeadLetter> = {
    record: count(letter, "record", 1),
    source: text(letter, "source"),
    stage: text(letter, "stage"),
    entry: entryOf(entry),
    input,
    error: errorFromJson(error),
    attempts: count(letter, "attempts", 0),
    timestamp: number(letter, "timestamp"),
    flow: text(letter, "flow"),
    flowHash: text(letter, "flowHash"),
    runId: text(letter, "runId"),
  };
  if (records !== undefined) read.records = rangesOf(records, read.record);
  if (inputProblem !== undefined) read.inputProblem = inputProblem;
  for (const key of ["file", "agent", "redriveOf"] as const) {
    const value = optionalText(letter, key);
    if (value !== undefined) read[key] = value;
  }
  for (const [key, least] of [
    ["letter", 1],
    ["line", 1],
    ["column", 1],
    ["byteOffset", 0],
  ] as const) {
    if (letter[key] !== undefined) read[key] = count(letter, key, least);
  }
  return read;
}

type Written<T> = { -readonly [K in keyof T]: T[K] };
type Json = Readonly<Record<string, unknown>>;

const entryKinds: readonly LetterEntry["kind"][] = ["source", "stage", "tee", "sink"];

function entryOf(entry: unknown): LetterEntry {
  const parts = objectAt("entry", entry);
  const kind = entryKinds.find((one) => one === parts["kind"]);
  if (kind === undefined) throw wrong("entry.kind", `one of ${entryKinds.join(", ")}`);
  if (typeof parts["id"] !== "string") throw wrong("entry.id", "a text");
  return { kind, id: parts["id"] };
}

function rangesOf(records: unknown, record: number): readonly RecordRange[] {
  const isRange = (range: unknown): range is RecordRange =>
    Array.isArray(range) &&
    range.length === 2 &&
    range.every((end) => Number.isSafeInteger(end) && end >= 1) &&
    range[0] <= range[1];
  if (!Array.isArray(records) || !records.every(isRange)) throw wrong("records", "pairs of record numbers");
  let last = 0;
  let total = 0;
  for (const [from, to] of records) {
    if (from <= last) throw wrong("records", "in order, each once");
    last = to;
    total += to - from + 1;
  }
  if (total > maxRecords) throw wrong("records", `no more than ${maxRecords}`);
  if (!records.some(([from, to]) => from <= record && record <= to)) {
    throw wrong("records", 'with "record" among them');
  }
  return records;
}

function objectAt(what: string, value: unknown): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(what, "an object");
  // An object of JSON has any properties.
  return value as Json;
}

function text(letter: Json, key: string): string {
  const value = letter[key];
  if (typeof value !== "string") throw wrong(key, "a text");
  return value;
}

function optionalText(letter: Json, key: string): string | undefined {
  return letter[key] === undefined ? undefined : text(letter, key);
}

function number(letter: Json, key: string): number {
  const value = letter[key];
  if (typeof value !== "number") throw wrong(key, "a number");
  return value;
}

function count(letter: Json, key: string, least: 0 | 1): number {
  const value = letter[key];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least) {
    throw wrong(key, `a whole number from ${least}`);
  }
  return value;
}

function wrong(what: string, expected: string): TypeError {
  return new TypeError(`no dead letter: ${what} must be ${expected}`);
}
