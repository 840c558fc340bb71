import type { JsonSchema } from "@atomic-agents/contracts";
import type { DuckDBType, DuckDBVector } from "@duckdb/node-api";
import type { DuckDb } from "./load-duckdb.ts";
import { LongTexts } from "./long-texts.ts";
import { wantsText } from "./schema-parts.ts";
import { TextCache } from "./text-cache.ts";
import { jsonOf, type Make, Unfit } from "./to-json.ts";

/** Told of a value that no record can have. */
type Refuse = (row: number, why: string) => void;

/** Reads so many values of one column of a chunk as JSON. */
export type ReadColumn = (vector: DuckDBVector, count: number, refuse: Refuse) => readonly unknown[];

/** One value of a column, as it is given here or else as the peer gives it. */
type ReadOne = (row: number, given?: unknown) => unknown;

/**
 * What reads columns of a type; undefined for a type that has no JSON. Texts and numbers are taken from the memory in which the peer
 * keeps a column, where it has that at hand: one call a value costs several times as much.
 */
export function columnReader(
  duck: DuckDb,
  type: DuckDBType,
  schema: JsonSchema | undefined,
): ReadColumn | undefined {
  const make = jsonOf(duck, type, schema);
  if (make === undefined) return undefined;
  const readAll = quickly(duck, type, schema);
  return (vector, count, refuse) => {
    const one: ReadOne = (row, given = vector.getItem(row)) => readOne(row, given, make, refuse);
    const cells = readAll?.(vector, count, one);
    if (cells !== undefined) return cells;
    return Array.from({ length: count }, (_, row) => one(row));
  };
}

function readOne(row: number, value: unknown, make: Make, refuse: Refuse): unknown {
  if (value === null) return null;
  try {
    return make(value);
  } catch (thrown) {
    if (!(thrown instanceof Unfit) && !(thrown instanceof SyntaxError)) throw thrown;
    refuse(row, thrown.message);
    return null;
  }
}

/** Reads all values at once, those by `one` that are not quite ordinary; undefined where the peer keeps them in another way. */
type ReadAll = (vector: DuckDBVector, count: number, one: ReadOne) => readonly unknown[] | undefined;

function quickly(duck: DuckDb, type: DuckDBType, schema: JsonSchema | undefined): ReadAll | undefined {
  const { DuckDBTypeId: id } = duck;
  switch (type.typeId) {
    case id.VARCHAR:
      return type.alias === "JSON" ? jsonReader(duck) : textReader(duck);
    case id.FLOAT:
    case id.DOUBLE:
      return numbers;
    case id.TINYINT:
    case id.SMALLINT:
    case id.INTEGER:
    case id.UTINYINT:
    case id.USMALLINT:
    case id.UINTEGER:
      return wantsText(schema) ? undefined : numbers;
    case id.BIGINT:
      return wantsText(schema) ? undefined : wholeNumbers;
    default:
      return undefined;
  }
}

/** What the peer's vectors have beside their public methods, if they still have it. */
interface Insides {
  readonly items?: unknown;
  readonly dataView?: unknown;
  readonly validity?: { readonly data?: unknown; readonly offset?: unknown } | undefined;
}

/** A bit a row, which is set where there is a value; null where all rows have one; undefined where that is not to be seen. */
function validityOf({ validity }: Insides): Uint32Array | null | undefined {
  if (validity?.offset !== 0) return undefined;
  const { data } = validity;
  if (data === null) return null;
  if (!(data instanceof BigUint64Array)) return undefined;
  return new Uint32Array(data.buffer, data.byteOffset, data.length * 2);
}

function isNull(validity: Uint32Array | null, row: number): boolean {
  return validity !== null && (((validity[row >>> 5] ?? 0) >>> (row & 31)) & 1) === 0;
}

function numbers(vector: DuckDBVector, count: number, one: ReadOne): readonly unknown[] | undefined {
  const insides = vector as Insides;
  const { items } = insides;
  const validity = validityOf(insides);
  if (validity === undefined || !isNumbers(items)) return undefined;
  const cells = new Array<unknown>(count);
  for (let row = 0; row < count; row++) {
    const item = items[row];
    cells[row] = isNull(validity, row) ? null : Number.isFinite(item) ? item : one(row);
  }
  return cells;
}

type Numbers =
  | Float64Array
  | Float32Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint32Array
  | Uint16Array
  | Uint8Array;

function isNumbers(items: unknown): items is Numbers {
  return (
    ArrayBuffer.isView(items) &&
    !(items instanceof DataView || items instanceof BigInt64Array || items instanceof BigUint64Array)
  );
}

/** Those of 64 bits, by their halves: the peer has binaries for machines alone whose lower half comes first. */
function wholeNumbers(vector: DuckDBVector, count: number, one: ReadOne): readonly unknown[] | undefined {
  const insides = vector as Insides;
  const { items } = insides;
  const validity = validityOf(insides);
  if (validity === undefined || !(items instanceof BigInt64Array)) return undefined;
  const halves = new Int32Array(items.buffer, items.byteOffset, items.length * 2);
  const cells = new Array<unknown>(count);
  for (let row = 0; row < count; row++) {
    if (isNull(validity, row)) {
      cells[row] = null;
      continue;
    }
    const low = halves[row * 2] ?? 0;
    const high = halves[row * 2 + 1] ?? 0;
    if (high === low >> 31) {
      cells[row] = low;
      continue;
    }
    const number = high * 0x1_0000_0000 + (low >>> 0);
    cells[row] = Number.isSafeInteger(number) ? number : one(row);
  }
  return cells;
}

/** What DuckDB keeps of a text: its length, then the text itself if it has no more bytes than this, else where it is. */
const textBytes = 16;
const inPlaceBytes = 12;
const lengthBytes = 4;
const nonAscii = 0x8080_8080;

function textReader(duck: DuckDb): ReadAll {
  let cache: TextCache | undefined = new TextCache();
  return (vector, count, one) => {
    const cells = texts(duck, vector, count, one, cache);
    if (cache?.wasOfUse(count) === false) cache = undefined;
    return cells;
  };
}

function jsonReader(duck: DuckDb): ReadAll {
  const read = textReader(duck);
  return (vector, count, one) => {
    const texts = read(vector, count, (row) => vector.getItem(row));
    return texts?.map((text, row) => one(row, text));
  };
}

function texts(
  duck: DuckDb,
  vector: DuckDBVector,
  count: number,
  one: ReadOne,
  cache: TextCache | undefined,
): readonly unknown[] | undefined {
  const insides = vector as Insides;
  const { dataView } = insides;
  const validity = validityOf(insides);
  const isThere = dataView instanceof DataView && dataView.byteLength >= count * textBytes;
  if (validity === undefined || !isThere || dataView.byteOffset % lengthBytes !== 0) return undefined;
  const words = new Int32Array(dataView.buffer, dataView.byteOffset, count * lengthBytes);
  const bytes = Buffer.from(dataView.buffer, dataView.byteOffset, count * textBytes);
  // Of a text in place that is ASCII these are its characters.
  const block = bytes.toString("latin1");
  const long = new LongTexts(duck, words, (row) => !isNull(validity, row));
  const cells = new Array<unknown>(count);
  for (let row = 0; row < count; row++) {
    if (isNull(validity, row)) {
      cells[row] = null;
      continue;
    }
    const word = row * lengthBytes;
    const length = words[word] ?? 0;
    const start = row * textBytes + lengthBytes;
    if (length >>> 0 > inPlaceBytes) {
      cells[row] = long.textAt(row) ?? one(row);
      continue;
    }
    const first = words[word + 1] ?? 0;
    const second = words[word + 2] ?? 0;
    const third = words[word + 3] ?? 0;
    if (((first | second | third) & nonAscii) !== 0) {
      cells[row] = bytes.toString("utf8", start, start + length);
      continue;
    }
    cells[row] =
      cache === undefined
        ? block.slice(start, start + length)
        : cache.textOf(length, first, second, third, block, start);
  }
  return cells;
}
