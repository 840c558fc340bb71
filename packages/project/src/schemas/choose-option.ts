import { closest } from "../closest.ts";
import type { ProblemParts } from "../files/text-document.ts";
import type { TextPath } from "../files/text-node.ts";
import type { FileSchema } from "./schema.ts";
import { isObject, pathText, show, typeMatches } from "./show.ts";

/** Which of several schemas a value is meant for. */
export type Choice =
  | { readonly option: FileSchema }
  | { readonly at: TextPath; readonly problem: ProblemParts }
  /** None takes values of its kind. */
  | { readonly none: true };

/**
 * Finds the one of several schemas by which a value is to be judged, so that what is said of it is said once: by the
 * kind of value, then by `type`, then by the key that only this one requires.
 */
export function chooseOption(
  value: unknown,
  options: readonly FileSchema[],
  whole: FileSchema,
  path: TextPath,
): Choice {
  const fitting = options.filter(({ type }) => typeMatches(value, type));
  const [only, second] = fitting;
  if (only === undefined) return { none: true };
  if (second === undefined || !isObject(value)) return { option: only };
  const types = fitting.map((option) => option.properties?.["type"]?.const);
  return types.every((type) => typeof type === "string")
    ? byType(value, fitting, types, path)
    : byKey(value, fitting, whole, path);
}

function byType(
  value: Readonly<Record<string, unknown>>,
  options: readonly FileSchema[],
  types: readonly string[],
  path: TextPath,
): Choice {
  const { type } = value;
  const option = options.find((_option, index) => types[index] === type);
  if (option !== undefined) return { option };
  if (type === undefined) {
    const hint = `Add type: one of ${types.join(", ")}.`;
    return {
      at: [],
      problem: {
        code: "missing-key",
        message: `The key "type" is missing in ${pathText(path)}`,
        hint,
        of: "key",
      },
    };
  }
  const near = typeof type === "string" ? closest(type, types) : undefined;
  return {
    at: ["type"],
    problem: {
      code: "wrong-value",
      message: `${pathText([...path, "type"])} must be one of ${types.join(", ")}, got ${show(type)}`,
      hint: near === undefined ? undefined : `Did you mean ${JSON.stringify(near)}?`,
    },
  };
}

function byKey(
  value: Readonly<Record<string, unknown>>,
  options: readonly FileSchema[],
  { title = "something else" }: FileSchema,
  path: TextPath,
): Choice {
  const marks = options.map(({ required = [] }) => required[0] ?? "");
  const found = marks.filter((mark) => Object.hasOwn(value, mark));
  const [first] = found;
  // A key that marks one may be an option of another.
  const second = found.find((mark) => mark !== first && !hasKey(options[marks.indexOf(first ?? "")], mark));
  if (first === undefined) return withoutMark(value, options, marks, title, path);
  if (second !== undefined) {
    return {
      at: [second],
      problem: {
        code: "wrong-value",
        message: `${JSON.stringify(first)} and ${JSON.stringify(second)} cannot both stand in ${pathText(path)}`,
        hint: "Remove one of them, or make two of it.",
        of: "key",
      },
    };
  }
  const option = options[marks.indexOf(first)];
  return option === undefined ? { none: true } : { option };
}

function hasKey(option: FileSchema | undefined, key: string): boolean {
  return Object.hasOwn(option?.properties ?? {}, key);
}

function withoutMark(
  value: Readonly<Record<string, unknown>>,
  options: readonly FileSchema[],
  marks: readonly string[],
  title: string,
  path: TextPath,
): Choice {
  const known = new Set(options.flatMap(({ properties = {} }) => Object.keys(properties)));
  for (const key of Object.keys(value)) {
    const near = known.has(key) ? undefined : closest(key, marks);
    if (near === undefined) continue;
    const hint = `Did you mean ${JSON.stringify(near)}?`;
    const message = `Unknown key ${JSON.stringify(key)} in ${pathText(path)}`;
    return { at: [key], problem: { code: "unknown-key", message, hint, of: "key" } };
  }
  return {
    at: [],
    problem: {
      code: "missing-key",
      message: `${pathText(path)} has none of the keys ${marks.join(", ")}`,
      hint: `There stands ${title}.`,
      of: "key",
    },
  };
}
