import { type Compiled, type Compiler, Site } from "./compiled.ts";
import type { Frame } from "./frame.ts";
import { inWords, kinds } from "./kinds.ts";
import type { Span } from "./tree.ts";
import type { Type } from "./type.ts";
import { isObject, type JsonObject, sortOf } from "./values.ts";

/** What a function takes at one place. */
export interface Parameter {
  readonly name: string;
  /** The sorts of values. */
  readonly kinds: number;
  readonly isOptional?: boolean;
}

/** A function of the language. `text.lower()` is another way to write `lower(text)`. */
export interface FunctionDefinition {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly type: (args: readonly Compiled[], compiler: Compiler) => Type;
  /** What it does. Arguments that are left out are undefined; none has been looked at. */
  readonly make: (site: CallSite, args: readonly Compiled[], compiler: Compiler) => Work;
}

export type Work = (frame: Frame, first: unknown, second: unknown, third: unknown) => unknown;

/** How it is written: `round(number, digits?)`. */
export function usageOf({ name, parameters }: FunctionDefinition): string {
  const names = parameters.map((parameter) => `${parameter.name}${parameter.isOptional === true ? "?" : ""}`);
  return `${name}(${names.join(", ")})`;
}

/** Where a function is called; lets in arguments of the right sort. */
export class CallSite extends Site {
  readonly name: string;
  constructor(name: string, source: string, span: Span) {
    super(source, span);
    this.name = name;
  }

  string(value: unknown): string {
    return typeof value === "string" ? value : this.#wrong(value, kinds.text);
  }

  number(value: unknown): number {
    // Elements of lists come as they are.
    return typeof value === "number" && value - value === 0 ? value : this.#wrong(value, kinds.number);
  }

  list(value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value : this.#wrong(value, kinds.list);
  }

  object(value: unknown): JsonObject {
    return isObject(value) ? value : this.#wrong(value, kinds.object);
  }

  /** A whole number in a range. */
  whole(value: unknown, what: string, least: number, most: number): number {
    const number = this.number(value);
    if (Number.isInteger(number) && number >= least && number <= most) return number;
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
    throw this.failure(`${this.name}: ${what} is a whole number ${range}, not ${number}`);
  }

  /** The error of an argument that is not of these sorts. */
  wrong(value: unknown, wanted: number): Error {
    return this.failure(`${this.name} takes ${inWords(wanted)}, not ${sortOf(value)}`);
  }

  #wrong(value: unknown, wanted: number): never {
    throw this.wrong(value, wanted);
  }
}
