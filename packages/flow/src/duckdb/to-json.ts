import type { JsonSchema } from "@atomic-agents/contracts";
import type {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeTZValue,
  DuckDBTimeValue,
  DuckDBType,
  DuckDBUnionValue,
} from "@duckdb/node-api";
import type { DuckDb } from "./load-duckdb.ts";
import { childSchema, wantsText } from "./schema-parts.ts";

/** Why a value cannot stand in a record; `path` leads to it. */
export class Unfit extends Error {}

/** Makes JSON of a value that is not null. @throws Unfit */
export type Make = (value: unknown) => unknown;

const maxSafe = BigInt(Number.MAX_SAFE_INTEGER);
const dayMs = 86_400_000;

/**
 * How values of a type become JSON; undefined for a type that has no JSON. Whole numbers and decimals are numbers where that
 * is exact, and texts where the schema wants texts; points in time are ISO 8601, with a zone where the type has one.
 */
export function jsonOf(duck: DuckDb, type: DuckDBType, schema: JsonSchema | undefined): Make | undefined {
  const { DuckDBTypeId: id } = duck;
  const isText = wantsText(schema);
  // Each function is given what its type says.
  switch (type.typeId) {
    case id.BOOLEAN:
      return same;
    case id.TINYINT:
    case id.SMALLINT:
    case id.INTEGER:
    case id.UTINYINT:
    case id.USMALLINT:
    case id.UINTEGER:
      return isText ? String : same;
    case id.BIGINT:
    case id.UBIGINT:
    case id.HUGEINT:
    case id.UHUGEINT:
    case id.BIGNUM:
      return isText ? String : (wholeNumber as Make);
    case id.FLOAT:
    case id.DOUBLE:
      return number as Make;
    case id.DECIMAL:
      return isText ? String : (decimal as Make);
    case id.VARCHAR:
      return type.alias === "JSON" ? (parsed as Make) : same;
    case id.ENUM:
      return same;
    case id.UUID:
    case id.BIT:
      return String;
    case id.BLOB:
      return ((value: DuckDBBlobValue) => Buffer.from(value.bytes).toString("base64")) as Make;
    case id.DATE:
      return date as Make;
    case id.TIME:
      return ((value: DuckDBTimeValue) => timeOfDay(value.micros)) as Make;
    case id.TIME_TZ:
      return ((value: DuckDBTimeTZValue) => timeOfDay(value.micros) + zone(value.offset)) as Make;
    case id.TIMESTAMP:
      return ((value: DuckDBTimestampValue) => moment(finite(value).micros, 1_000_000n)) as Make;
    case id.TIMESTAMP_TZ:
      return ((value: DuckDBTimestampTZValue) => `${moment(finite(value).micros, 1_000_000n)}Z`) as Make;
    case id.TIMESTAMP_S:
      return ((value: DuckDBTimestampSecondsValue) => moment(finite(value).seconds, 1n)) as Make;
    case id.TIMESTAMP_MS:
      return ((value: DuckDBTimestampMillisecondsValue) => moment(finite(value).millis, 1000n)) as Make;
    case id.TIMESTAMP_NS:
      return ((value: DuckDBTimestampNanosecondsValue) =>
        moment(finite(value).nanos, 1_000_000_000n)) as Make;
    case id.INTERVAL:
      return duration as Make;
    case id.SQLNULL:
      return same;
    default:
      return nestedOf(duck, type, schema);
  }
}

function nestedOf(duck: DuckDb, type: DuckDBType, schema: JsonSchema | undefined): Make | undefined {
  const { DuckDBListType, DuckDBArrayType, DuckDBStructType, DuckDBMapType, DuckDBUnionType } = duck;
  if (type instanceof DuckDBListType || type instanceof DuckDBArrayType) {
    const make = jsonOf(duck, type.valueType, childSchema(schema, undefined));
    if (make === undefined) return undefined;
    return ((value: DuckDBListValue | DuckDBArrayValue) =>
      value.items.map((item, index) => at(index, make, item))) as Make;
  }
  if (type instanceof DuckDBStructType) {
    const makes = new Map<string, Make>();
    for (const [index, name] of type.entryNames.entries()) {
      const entryType = type.entryTypes[index];
      const make = entryType && jsonOf(duck, entryType, childSchema(schema, name));
      if (make === undefined || name === "__proto__") return undefined;
      makes.set(name, make);
    }
    return ((value: DuckDBStructValue) => {
      const object: Record<string, unknown> = {};
      for (const [name, make] of makes) object[name] = at(name, make, value.entries[name]);
      return object;
    }) as Make;
  }
  if (type instanceof DuckDBMapType) return mapOf(duck, type.keyType, type.valueType, schema);
  if (type instanceof DuckDBUnionType) {
    const makes = new Map(
      type.memberTags.map((tag, index) => {
        const memberType = type.memberTypes[index];
        return [tag, memberType && jsonOf(duck, memberType, schema)];
      }),
    );
    if ([...makes.values()].includes(undefined)) return undefined;
    return ((value: DuckDBUnionValue) => at(value.tag, makes.get(value.tag) ?? same, value.value)) as Make;
  }
  return undefined;
}

/** An object where keys are texts, otherwise a list of keys and values. */
function mapOf(
  duck: DuckDb,
  keyType: DuckDBType,
  valueType: DuckDBType,
  schema: JsonSchema | undefined,
): Make | undefined {
  const isObject = keyType.typeId === duck.DuckDBTypeId.VARCHAR || keyType.typeId === duck.DuckDBTypeId.ENUM;
  const makeKey = jsonOf(duck, keyType, undefined);
  const makeValue = jsonOf(duck, valueType, isObject ? childSchema(schema, "*") : undefined);
  if (makeKey === undefined || makeValue === undefined) return undefined;
  if (!isObject) {
    return ((value: DuckDBMapValue) =>
      value.entries.map((entry) => ({
        key: at("key", makeKey, entry.key),
        value: at("value", makeValue, entry.value),
      }))) as Make;
  }
  return ((map: DuckDBMapValue) => {
    const object: Record<string, unknown> = {};
    for (const { key, value } of map.entries) {
      const name = String(key);
      if (name === "__proto__") throw new Unfit("has a key __proto__");
      object[name] = at(name, makeValue, value);
    }
    return object;
  }) as Make;
}

function at(key: string | number, make: Make, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  try {
    return make(value);
  } catch (thrown) {
    if (thrown instanceof Unfit) throw new Unfit(`at ${key}: ${thrown.message}`);
    throw thrown;
  }
}

function same(value: unknown): unknown {
  return value;
}

function wholeNumber(value: bigint): number {
  if (value > maxSafe || value < -maxSafe) throw new Unfit(`${value} is beyond what a number holds exactly`);
  return Number(value);
}

function number(value: number): number {
  if (!Number.isFinite(value)) throw new Unfit(`${value} is no number that JSON has`);
  return value;
}

function decimal(value: DuckDBDecimalValue): number {
  if ((value.value > maxSafe || value.value < -maxSafe) && !isShort(value)) {
    throw new Unfit(`${value.toString()} has more digits than a number holds exactly`);
  }
  return Number(value.toString());
}

/** Whether it has few digits, but for zeros behind the point. */
function isShort({ value, scale }: DuckDBDecimalValue): boolean {
  let digits = value;
  for (let left = scale; left > 0 && digits % 10n === 0n; left--) digits /= 10n;
  return digits <= maxSafe && digits >= -maxSafe;
}

function parsed(text: string): unknown {
  return JSON.parse(text);
}

function finite<TValue extends { readonly isFinite: boolean }>(value: TValue): TValue {
  if (!value.isFinite) throw new Unfit("infinity is no point in time");
  return value;
}

function date(value: DuckDBDateValue): string {
  return isoOf(finite(value).days * dayMs).slice(0, -"T00:00:00.000Z".length);
}

/** @param unit how many make a second */
function moment(value: bigint, unit: bigint): string {
  // The division of a negative value rounds towards zero.
  const rest = ((value % unit) + unit) % unit;
  const seconds = Number((value - rest) / unit);
  return isoOf(seconds * 1000).slice(0, -".000Z".length) + fraction(rest, unit);
}

function isoOf(ms: number): string {
  const point = new Date(ms);
  if (Number.isNaN(point.getTime())) throw new Unfit("is too far off for a point in time of ISO 8601");
  return point.toISOString();
}

function timeOfDay(micros: bigint): string {
  const seconds = micros / 1_000_000n;
  const parts = [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n];
  return (
    parts.map((part) => String(part).padStart(2, "0")).join(":") + fraction(micros % 1_000_000n, 1_000_000n)
  );
}

/** As many digits as say it, by threes. */
function fraction(rest: bigint, unit: bigint): string {
  if (rest === 0n) return "";
  const digits = String(rest + unit).slice(1);
  return `.${digits.replace(/(?:000)+$/, "")}`;
}

function zone(offsetSeconds: number): string {
  const sign = offsetSeconds < 0 ? "-" : "+";
  const minutes = Math.abs(offsetSeconds) / 60;
  if (!Number.isInteger(minutes)) throw new Unfit("has a zone with seconds, which ISO 8601 has not");
  const parts = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0"));
  return sign + parts.join(":");
}

/** Of ISO 8601: `P1M2DT3.5S`. Its parts may have signs of their own. */
function duration({ months, days, micros }: DuckDBIntervalValue): string {
  const sign = micros < 0n ? "-" : "";
  const positive = micros < 0n ? -micros : micros;
  const parts = [months === 0 ? "" : `${months}M`, days === 0 ? "" : `${days}D`];
  const seconds = `${sign}${positive / 1_000_000n}${fraction(positive % 1_000_000n, 1_000_000n)}`;
  const time = micros === 0n ? "" : `T${seconds}S`;
  const text = `P${parts.join("")}${time}`;
  return text === "P" ? "PT0S" : text;
}
