import { ExpressionError } from "./expression-error.ts";
import type { Frame } from "./frame.ts";
import { limits } from "./limits.ts";
import type { Span, Tree } from "./tree.ts";
import type { Type } from "./type.ts";

/** The variables of one evaluation, by name. */
export type Variables = { readonly [name: string]: unknown };

/** Evaluates a part of an expression. */
export type Run = (variables: Variables, frame: Frame) => unknown;

/** A part of an expression whose types have been checked. */
export interface Compiled {
  readonly tree: Tree;
  readonly type: Type;
  readonly run: Run;
  /** How many operations it is, itself included; macros inside count what they repeat by themselves. */
  readonly work: number;
  /** What is read, in a form to compare: set for variables and fields of fields. */
  readonly path?: string | undefined;
}

/** What is known at a place because of a condition around it. */
export interface Fact {
  /** The variable, and the keys that lead on from there. */
  readonly keys: readonly string[];
  /** The sorts that remain. */
  readonly kinds: number;
  readonly isPresent: boolean;
}

/** Names and facts that hold at a place. */
export interface Scope {
  readonly locals: ReadonlyMap<string, { readonly type: Type; readonly isOuter: boolean }>;
  readonly facts: ReadonlyMap<string, Fact>;
  /** In how many macros the place stands. */
  readonly macros: number;
}

/** Compiles the parts of one expression, and gathers what is doubtful about it. */
export interface Compiler {
  readonly source: string;
  readonly variables: ReadonlyMap<string, Type>;
  readonly compile: (tree: Tree, scope: Scope) => Compiled;
  readonly site: (span: Span) => Site;
  /** Makes the error of a wrong type. */
  readonly refuse: (span: Span, message: string, hint?: string) => ExpressionError;
  readonly warn: (span: Span, message: string, hint?: string) => void;
  /** The text of a part, shortened. */
  readonly text: (span: Span) => string;
  /** Refuses an operand that cannot be of these sorts, and warns of one that need not be. */
  readonly need: (operand: Compiled, kinds: number, taker: string, hint?: string) => void;
  /** Asks for the result to be measured: it may hold a value many times. */
  readonly measure: (count: number) => void;
}

/** A place that may fail with some data. */
export class Site {
  readonly source: string;
  readonly span: Span;
  constructor(source: string, span: Span) {
    this.source = source;
    this.span = span;
  }

  /** The text at the place, shortened. */
  get text(): string {
    return excerpt(this.source, this.span);
  }

  failure(message: string, hint?: string): ExpressionError {
    return new ExpressionError({
      message,
      phase: "evaluation",
      source: this.source,
      offset: this.span.start,
      length: this.span.end - this.span.start,
      hint,
    });
  }

  /** Takes from the work that is left. */
  spend(frame: Frame, work: number): void {
    frame.work -= work;
    if (frame.work < 0) {
      throw this.failure(
        `this takes more than ${limits.work.toLocaleString("en")} operations`,
        "do it in an agent, which is code",
      );
    }
  }
}

export function excerpt(source: string, span: Span): string {
  const text = source.slice(span.start, span.end).replaceAll(/\s+/g, " ");
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
