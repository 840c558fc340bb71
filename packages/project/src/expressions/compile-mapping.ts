import type { JsonSchema } from "@atomic-agents/contracts";
import { fitJson } from "@atomic-agents/contracts/fit";
import { closest } from "../closest.ts";
import type { ExpressionOptions } from "./compile-expression.ts";
import type { Run } from "./compiled.ts";
import { type CompiledPart, compilePart, variablesOf } from "./expression-compiler.ts";
import { copyOfError, ExpressionError, type ExpressionWarning } from "./expression-error.ts";
import { Frame } from "./frame.ts";
import { isPlainObject } from "./kinds.ts";
import { limits } from "./limits.ts";
import { unsafeKey } from "./literals.ts";
import { SchemaWriter } from "./schema-document.ts";
import { objectOf, tupleOf, type Type, valuesType } from "./type.ts";

/** A mapping, ready to be evaluated. */
export interface CompiledMapping {
  /** What it gives, where the variables are valid for their schemas. */
  readonly type: JsonSchema;
  readonly warnings: readonly ExpressionWarning[];
  /**
   * Gives a JSON value, which may share parts with the variables.
   *
   * @throws ExpressionError of the phase `evaluation`, and nothing else.
   */
  readonly evaluate: (variables: { readonly [name: string]: unknown }) => unknown;
}

type Path = readonly (string | number)[];

/**
 * Reads a mapping: a text is an expression, an object or list has one at each of its places, and numbers, booleans and
 * null stand for themselves. A text that is meant as it is stands in quotes inside: `'"positive"'`.
 *
 * All mistakes are found at once: the error thrown is the first, and has the others in `more`.
 *
 * @throws ExpressionError of the phase `syntax` or `type`, with the `path` to the expression.
 *
 * @example
 * ```ts
 * const mapping = compileMapping(
 *   { id: "record.id", words: 'size(split(record.text, " "))', source: '"mail"', version: 1 },
 *   { variables: { record: undefined } },
 * );
 * const made = mapping.evaluate({ record: { id: 7, text: "to be or not" } });
 * made; // => { id: 7, words: 4, source: "mail", version: 1 }
 * ```
 */
export function compileMapping(template: unknown, options: ExpressionOptions): CompiledMapping {
  const mapper = new Mapper(
    variablesOf(options.variables),
    typeof template === "string" ? options.expected : undefined,
  );
  const part = mapper.compile(template, [], 0);
  const writer = new SchemaWriter();
  const type = writer.whole(part.type.write(writer));
  if (options.expected !== undefined && mapper.errors.length === 0 && typeof template !== "string") {
    mapper.expect(template, type, options.expected);
  }
  const [first, ...more] = mapper.errors;
  if (first !== undefined) throw more.length === 0 ? first : copyOfError(first, first.path, more);
  const { run } = part;
  return { type, warnings: mapper.warnings, evaluate: (variables) => run(variables, new Frame()) };
}

class Mapper {
  readonly errors: ExpressionError[] = [];
  readonly warnings: ExpressionWarning[] = [];
  readonly #variables: ReadonlyMap<string, Type>;
  readonly #expected: JsonSchema | undefined;
  #keys = 0;

  constructor(variables: ReadonlyMap<string, Type>, expected: JsonSchema | undefined) {
    this.#variables = variables;
    this.#expected = expected;
  }

  compile(template: unknown, path: Path, depth: number): Pick<CompiledPart, "type" | "run"> {
    if (depth > limits.templateDepth) {
      return this.#fail(path, `the mapping is nested more than ${limits.templateDepth} levels deep`);
    }
    if (++this.#keys > limits.templateKeys) {
      // Told once, not for each of the others.
      return this.#keys === limits.templateKeys + 1
        ? this.#fail(path, `the mapping has more than ${limits.templateKeys} keys`)
        : failed;
    }
    switch (typeof template) {
      case "string":
        return this.#expression(template, path);
      case "number":
        if (!Number.isFinite(template)) return this.#fail(path, "the number is not finite");
        return constant(template);
      case "boolean":
        return constant(template);
      case "object":
        if (template === null) return constant(template);
        if (Array.isArray(template)) return this.#list(template, path, depth);
        if (isPlainObject(template)) return this.#object(template, path, depth);
        break;
      default:
    }
    return this.#fail(path, "a mapping is made of texts, numbers, true, false, null, lists and objects");
  }

  #fail(path: Path, message: string, hint?: string): typeof failed {
    this.errors.push(new ExpressionError({ message, phase: "type", path, hint }));
    return failed;
  }

  #expression(source: string, path: Path): Pick<CompiledPart, "type" | "run"> {
    try {
      const { type, warnings, run } = compilePart(source, this.#variables, this.#expected, path);
      this.warnings.push(...warnings.map((warning) => ({ ...warning, path })));
      return { type, run };
    } catch (error) {
      if (!ExpressionError.isInstance(error)) throw error;
      this.errors.push(copyOfError(error, path));
      return failed;
    }
  }

  #list(items: readonly unknown[], path: Path, depth: number): Pick<CompiledPart, "type" | "run"> {
    const parts = items.map((item, index) => this.compile(item, [...path, index], depth + 1));
    const runs = parts.map(({ run }) => run);
    return {
      type: tupleOf(parts.map(({ type }) => type)),
      run: (variables, frame) => runs.map((run) => run(variables, frame)),
    };
  }

  #object(template: object, path: Path, depth: number): Pick<CompiledPart, "type" | "run"> {
    const fields = new Map<string, Type>();
    const keys: string[] = [];
    const runs: Run[] = [];
    for (const [key, value] of Object.entries(template)) {
      const inner = [...path, key];
      if (key === unsafeKey) {
        this.#fail(inner, `"${unsafeKey}" is not allowed as a key`);
        continue;
      }
      const part = this.compile(value, inner, depth + 1);
      fields.set(key, part.type);
      keys.push(key);
      runs.push(part.run);
    }
    return { type: objectOf(fields), run: objectMaker(keys, runs) };
  }

  /** Holds what the whole gives against what is expected. */
  expect(template: unknown, type: JsonSchema, expected: JsonSchema): void {
    const fit = fitJson(type, expected);
    if (fit.verdict === "always" || fit.verdict === "unknown") return;
    const path = nearestPath(template, fit.path);
    const source = at(template, path);
    const place = {
      path,
      offset: 0,
      length: typeof source === "string" ? source.length : 0,
    };
    const hint = missingKeyHint(source, fit.path, expected);
    if (fit.verdict === "never") {
      this.errors.push(
        new ExpressionError({
          message: `this does not fit what is expected: ${fit.why}`,
          phase: "type",
          source: typeof source === "string" ? source : "",
          hint,
          ...place,
        }),
      );
      return;
    }
    const message = `this does not always fit what is expected: ${fit.why}`;
    this.warnings.push(hint === undefined ? { message, ...place } : { message, ...place, hint });
  }
}

const failed = { type: valuesType([null]), run: (): null => null };

function constant(value: number | boolean | null): Pick<CompiledPart, "type" | "run"> {
  const kept = value === 0 ? 0 : value;
  return { type: valuesType([kept]), run: () => kept };
}

function objectMaker(keys: readonly string[], runs: readonly Run[]): Run {
  return (variables, frame) => {
    const made: Record<string, unknown> = {};
    for (let index = 0; index < keys.length; index++) {
      // Both lists have the same length, and "__proto__" is no key here.
      made[keys[index] as string] = (runs[index] as Run)(variables, frame);
    }
    return made;
  };
}

/** The keys of a path as `fit` writes it (`items[0].name`), as far as the mapping has them. */
function nearestPath(template: unknown, written: string): Path {
  const path: (string | number)[] = [];
  let rest = written;
  let value = template;
  while (rest !== "" && typeof value === "object" && value !== null) {
    const index = /^\[(\d+)\]/.exec(rest);
    const key = Array.isArray(value)
      ? index === null
        ? undefined
        : Number(index[1])
      : Object.keys(value).find((each) => beginsWith(rest.replace(/^\./, ""), each));
    if (key === undefined || !Object.hasOwn(value, key)) break;
    path.push(key);
    rest =
      typeof key === "number"
        ? rest.slice(index?.[0].length ?? 0)
        : rest.replace(/^\./, "").slice(key.length);
    // It has the key.
    value = (value as Record<string | number, unknown>)[key];
  }
  return path;
}

/** Whether a written path begins with a key. */
function beginsWith(written: string, key: string): boolean {
  return written.startsWith(key) && /^([.[]|$)/.test(written.slice(key.length));
}

function at(template: unknown, path: Path): unknown {
  // Each key was found there.
  return path.reduce((value, key) => (value as Record<string | number, unknown>)[key], template);
}

/** Where a key is expected that the mapping has not: the key that may have been meant for it. */
function missingKeyHint(template: unknown, written: string, expected: JsonSchema): string | undefined {
  if (typeof template !== "object" || template === null || Array.isArray(template)) return;
  const missing = /(?:^|\.)([^.[\]]+)$/.exec(written)?.[1];
  if (missing === undefined || Object.hasOwn(template, missing)) return;
  const strangers = Object.keys(template).filter((key) => !Object.hasOwn(expected.properties ?? {}, key));
  const near = closest(missing, strangers);
  return near === undefined ? `add the key ${missing}` : `is ${near} meant to be ${missing}?`;
}
