import { formatPath } from "./path.ts";
import { countOf, oneLine, printable, quoted } from "./text.ts";
import { asArray, asObject, asObjects, type VendorObject } from "./vendors/vendor-object.ts";

const maxLength = 200;
const maxOptions = 10;

function optionText(value: unknown): string {
  return typeof value === "string" ? quoted(value, 40) : printable(String(value), 40);
}

/** `"a", "b" or "c"`; a long list is cut. */
function oneOf(values: readonly unknown[]): string {
  const shown = values.slice(0, maxOptions).map(optionText);
  if (values.length > maxOptions) return `one of ${shown.join(", ")} and ${values.length - maxOptions} more`;
  return shown.length > 1 ? `one of ${shown.join(", ")}` : (shown[0] ?? "nothing");
}

/** What a bound counts, by what it bounds. */
const counted: Readonly<Record<string, string>> = {
  string: "characters",
  array: "items",
  set: "items",
  map: "entries",
  file: "bytes",
  object: "keys",
};

function boundText(issue: VendorObject, bound: unknown, words: readonly [string, string]): string {
  const [inclusive, exclusive] = words;
  const origin = String(issue["origin"]);
  const value =
    origin === "date" && typeof bound === "number" ? new Date(bound).toISOString() : String(bound);
  const units = Object.hasOwn(counted, origin) ? counted[origin] : undefined;
  const amount = units === undefined ? value : countOf(value, units);
  if (issue["exact"] === true) return `exactly ${amount}`;
  return `${issue["inclusive"] === false ? exclusive : inclusive} ${amount}`;
}

function formatText(issue: VendorObject): string {
  switch (issue["format"]) {
    case "regex":
      return `string that matches ${printable(String(issue["pattern"]), 100)}`;
    case "starts_with":
      return `string that starts with ${optionText(issue["prefix"])}`;
    case "ends_with":
      return `string that ends with ${optionText(issue["suffix"])}`;
    case "includes":
      return `string that includes ${optionText(issue["includes"])}`;
    default:
      return `string in the format ${printable(String(issue["format"]), 40)}`;
  }
}

const typeNames: Readonly<Record<string, string>> = {
  int: "integer",
  nonoptional: "a value",
  record: "object",
};

/**
 * What the options of a union ask for: their types where all refuse the value itself, else what the option that came
 * closest says.
 */
function unionText(issue: VendorObject): string | undefined {
  if (Array.isArray(issue["options"])) return oneOf(issue["options"]);
  const options = asArray(issue["errors"]).map(asObjects);
  if (options.length === 0) return undefined;
  const isOutright = (error: VendorObject) => asArray(error["path"]).length === 0;
  if (options.every((errors) => errors.some(isOutright))) {
    const texts = options.flatMap((errors) => errors.filter(isOutright).slice(0, 1).map(zodExpected));
    return texts.includes(undefined) ? undefined : [...new Set(texts)].join(" or ");
  }
  const [closest = []] = options
    .filter((errors) => !errors.some(isOutright))
    .sort((a, b) => a.length - b.length);
  return closest
    .slice(0, 3)
    .map(
      (error) => `${formatPath(asArray(error["path"]))}: ${zodExpected(error) ?? String(error["message"])}`,
    )
    .join("; ");
}

function zodExpected(issue: VendorObject): string | undefined {
  switch (issue["code"]) {
    case "invalid_type": {
      const name = String(issue["expected"]);
      return Object.hasOwn(typeNames, name) ? typeNames[name] : name;
    }
    case "invalid_value":
      return oneOf(asArray(issue["values"]));
    case "too_small":
      return boundText(issue, issue["minimum"], ["at least", "more than"]);
    case "too_big":
      return boundText(issue, issue["maximum"], ["at most", "less than"]);
    case "not_multiple_of":
      return `multiple of ${String(issue["divisor"])}`;
    case "invalid_format":
      return formatText(issue);
    case "unrecognized_keys":
      return `no key ${asArray(issue["keys"]).slice(0, maxOptions).map(optionText).join(", ")}`;
    case "invalid_union":
      return unionText(issue);
    case "invalid_key":
    case "invalid_element": {
      const inner = asObject(asArray(issue["issues"])[0]);
      const text = inner && zodExpected(inner);
      return text === undefined
        ? undefined
        : `${issue["code"] === "invalid_key" ? "key" : "element"}: ${text}`;
    }
    default:
      return undefined;
  }
}

/**
 * What an issue says would have been right, in a few words: Zod says it by code, all others (ArkType, Valibot,
 * `fromJsonSchema`, composed schemas) as a text under `expected`.
 */
export function expectedOf(issue: VendorObject): string | undefined {
  const text = zodExpected(issue) ?? issue["expected"];
  return typeof text === "string" && text !== "" ? oneLine(text, maxLength) : undefined;
}
