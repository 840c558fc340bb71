import { closest } from "../closest.ts";
import type { LocatedProblem } from "../files/located.ts";
import type { Problem } from "../files/problem.ts";
import { problemAt, type ProblemParts, type TextDocument } from "../files/text-document.ts";
import type { TextPath } from "../files/text-node.ts";
import { chooseOption } from "./choose-option.ts";
import { hintForCutText, hintForList, hintForType, otherWordFor } from "./type-hint.ts";
import { type FileSchema, loadSchema, resolveSchema, type SchemaDocument } from "./schema.ts";
import { isObject, kindOf, pathText, show, typeMatches } from "./show.ts";

/** What is wrong with the shape of `atomic.yaml`. Where nothing is, its value is a `ProjectFile`. */
export function checkProjectFile(document: TextDocument): readonly Problem[] {
  // An empty file is a project without anything.
  return document.value === null ? [] : checkShape(document, loadSchema("atomic"));
}

/** What is wrong with the shape of a flow file. Where nothing is, its value is a `FlowFile`. */
export function checkFlowFile(document: TextDocument): readonly Problem[] {
  return checkShape(document, loadSchema("flow"));
}

/** Holds a document against a schema: each problem with its place, what was expected, what is there, and what to try. */
export function checkShape(document: TextDocument, schema: SchemaDocument): readonly Problem[] {
  return locateProblems(document, schema).map(({ problem }) => problem);
}

/** As `checkShape`, with the ways to what is wrong. */
export function locateProblems(document: TextDocument, schema: SchemaDocument): readonly LocatedProblem[] {
  const checker = new Checker(document, schema);
  checker.check(document.value, schema, []);
  return checker.problems;
}

class Checker {
  readonly problems: LocatedProblem[] = [];
  readonly #document: TextDocument;
  readonly #schema: SchemaDocument;

  constructor(document: TextDocument, schema: SchemaDocument) {
    this.#document = document;
    this.#schema = schema;
  }

  check(value: unknown, given: FileSchema, path: TextPath): void {
    const schema = resolveSchema(this.#schema, given);
    if (schema.anyOf !== undefined) {
      const options = schema.anyOf.map((option) => resolveSchema(this.#schema, option));
      const choice = chooseOption(value, options, schema, path);
      if ("option" in choice) this.check(value, choice.option, path);
      else if ("problem" in choice) this.#report([...path, ...choice.at], choice.problem);
      else this.#wrongType(value, schema, path);
      return;
    }
    if (!typeMatches(value, schema.type)) this.#wrongType(value, schema, path);
    else if (schema.const !== undefined || schema.enum !== undefined) this.#checkChoice(value, schema, path);
    else if (typeof value === "string") this.#checkText(value, schema, path);
    else if (typeof value === "number") this.#checkNumber(value, schema, path);
    else if (Array.isArray(value)) this.#checkList(value, schema, path);
    else if (isObject(value)) this.#checkObject(value, schema, path);
  }

  #checkChoice(value: unknown, schema: FileSchema, path: TextPath): void {
    const choices = schema.enum ?? [schema.const];
    if (choices.includes(value)) return;
    const texts = choices.filter((choice) => typeof choice === "string");
    const near =
      typeof value === "string" ? (closest(value, texts) ?? otherWordFor(value, texts)) : undefined;
    this.#report(path, {
      code: "wrong-value",
      message: this.#mismatch(value, schema, path),
      hint:
        near === undefined ? this.#typeHint(value, schema, path) : `Did you mean ${JSON.stringify(near)}?`,
    });
  }

  #checkText(value: string, schema: FileSchema, path: TextPath): void {
    const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = schema;
    const length = [...value].length;
    if (length > maxLength && maxLength > 100) {
      const expected = `a text of at most ${maxLength} characters`;
      this.#wrongValue(path, `${pathText(path)} must be ${expected}, got ${length}`);
    } else if (length < minLength || length > maxLength) {
      this.#wrongValue(path, this.#mismatch(value, schema, path));
    } else if (pattern !== undefined && !new RegExp(pattern, "u").test(value)) {
      this.#wrongValue(path, this.#mismatch(value, schema, path));
    }
  }

  #checkNumber(value: number, schema: FileSchema, path: TextPath): void {
    const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
    if (value >= minimum && value <= maximum) return;
    const says = schema.title?.includes(String(value > maximum ? maximum : minimum)) === true;
    const limit = value > maximum ? `, at most ${maximum}` : `, at least ${minimum}`;
    this.#wrongValue(path, this.#mismatch(value, schema, path, says ? "" : limit));
  }

  #checkList(value: readonly unknown[], schema: FileSchema, path: TextPath): void {
    const { items, minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema;
    if (value.length < minItems) this.#wrongValue(path, this.#mismatch(value, schema, path));
    if (value.length > maxItems) {
      this.#wrongValue(path, `${pathText(path)} must be a list of at most ${maxItems}, got ${value.length}`);
    }
    if (items === undefined) return;
    for (const [index, item] of value.entries()) this.check(item, items, [...path, index]);
  }

  #checkObject(value: Readonly<Record<string, unknown>>, schema: FileSchema, path: TextPath): void {
    const { properties = {}, required = [], additionalProperties, propertyNames, minProperties = 0 } = schema;
    const keys = Object.keys(value);
    const unknown = keys.filter((key) => !Object.hasOwn(properties, key));
    const free = Object.keys(properties).filter((key) => !keys.includes(key));
    for (const key of keys) {
      const at = [...path, key];
      if (propertyNames !== undefined) this.#checkName(key, propertyNames, at, value[key]);
      const known = Object.hasOwn(properties, key) ? properties[key] : undefined;
      if (known !== undefined) this.check(value[key], known, at);
      else if (additionalProperties === false) this.#unknownKey(key, free, schema, at, value[key]);
      else if (additionalProperties !== undefined) this.check(value[key], additionalProperties, at);
    }
    if (keys.length < minProperties) this.#wrongValue(path, `${pathText(path)} must not be empty`);
    for (const key of required) {
      // A misspelt one is told of where it stands.
      if (keys.includes(key) || unknown.some((other) => closest(other, [key]) !== undefined)) continue;
      this.#missingKey(key, properties[key] ?? {}, path);
    }
  }

  #checkName(key: string, given: FileSchema, path: TextPath, value: unknown): void {
    const { pattern, title = "a name" } = resolveSchema(this.#schema, given);
    if (pattern === undefined || new RegExp(pattern, "u").test(key)) return;
    this.#report(path, {
      code: "wrong-value",
      message: `${JSON.stringify(key)} must be ${title}`,
      hint: hintForCutText(key, value),
      of: "key",
    });
  }

  #unknownKey(
    key: string,
    free: readonly string[],
    schema: FileSchema,
    path: TextPath,
    value: unknown,
  ): void {
    const near = closest(key, free);
    const otherwise = hintForCutText(key, value) ?? `Known here: ${knownKeys(schema)}.`;
    const place = path.length === 1 ? "" : ` in ${pathText(path.slice(0, -1))}`;
    this.#report(path, {
      code: "unknown-key",
      message: `Unknown key ${JSON.stringify(key)}${place}`,
      hint: near === undefined ? otherwise : `Did you mean ${JSON.stringify(near)}?`,
      of: "key",
    });
  }

  #missingKey(key: string, given: FileSchema, path: TextPath): void {
    const { title = "a value", examples = [] } = resolveSchema(this.#schema, given);
    const [example] = examples;
    const such = typeof example === "string" ? `, such as ${key}: ${example}` : "";
    this.#report(path, {
      code: "missing-key",
      message: `The key ${JSON.stringify(key)} is missing${path.length === 0 ? "" : ` in ${pathText(path)}`}`,
      hint: `Add ${key}: ${title}${such}.`,
      of: "key",
    });
  }

  #wrongType(value: unknown, schema: FileSchema, path: TextPath): void {
    if (isForSecrets(schema)) {
      const got = isObject(value) || Array.isArray(value) ? show(value) : "what is not shown";
      this.#report(path, {
        code: "wrong-type",
        message: `${pathText(path)} must be ${schema.title ?? "a secret"}, got ${got}`,
        hint: "A secret does not stand in the file itself: say where it is, and have what stood here replaced.",
        isSecret: true,
      });
      return;
    }
    this.#report(path, {
      code: "wrong-type",
      message: this.#mismatch(value, schema, path),
      hint: this.#typeHint(value, schema, path),
    });
  }

  #typeHint(value: unknown, schema: FileSchema, path: TextPath): string | undefined {
    if (path.length === 0) return undefined;
    const written = this.#document.sourceOf(path);
    const isOneOfList =
      typeof value === "string" && schema.items !== undefined && this.#typesOf(schema.items).has("string");
    return isOneOfList ? hintForList(value, written) : hintForType(value, written, this.#typesOf(schema));
  }

  /** The kinds of value that a schema takes. */
  #typesOf(given: FileSchema): ReadonlySet<string> {
    const schema = resolveSchema(this.#schema, given);
    if (schema.anyOf !== undefined) return new Set(schema.anyOf.flatMap((one) => [...this.#typesOf(one)]));
    if (schema.type !== undefined) return new Set([schema.type].flat());
    return new Set((schema.enum ?? [schema.const]).map(kindOf));
  }

  #mismatch(value: unknown, schema: FileSchema, path: TextPath, limit = ""): string {
    return `${pathText(path)} must be ${schema.title ?? "something else"}${limit}, got ${show(value)}`;
  }

  #wrongValue(path: TextPath, message: string): void {
    this.#report(path, { code: "wrong-value", message });
  }

  #report(path: TextPath, parts: ProblemParts): void {
    this.problems.push({ path, problem: problemAt(this.#document, path, parts) });
  }
}

/** Where nothing but secrets are meant, by what they are named: who writes something else has perhaps written one down. */
function isForSecrets({ anyOf }: FileSchema): boolean {
  return (
    anyOf?.every(({ $ref }) => $ref === "#/definitions/env" || $ref === "#/definitions/secretFile") === true
  );
}

function knownKeys({ properties = {} }: FileSchema): string {
  return Object.keys(properties)
    .filter((name) => name !== "$schema")
    .join(", ");
}
