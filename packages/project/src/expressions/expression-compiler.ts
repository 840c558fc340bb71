import type { JsonSchema } from "@atomic-agents/contracts";
import { fitJson } from "@atomic-agents/contracts/fit";
import { compileField, compileIndex, compileName } from "./access.ts";
import { compileCall } from "./calls.ts";
import {
  type Compiled,
  type Compiler,
  excerpt,
  type Fact,
  type Run,
  type Scope,
  Site,
  type Variables,
} from "./compiled.ts";
import { copyOfError, ExpressionError, type ExpressionWarning } from "./expression-error.ts";
import { factsOf } from "./facts.ts";
import type { Frame } from "./frame.ts";
import { inWords, kindOf, kinds } from "./kinds.ts";
import { compileList, compileLiteral, compileObject } from "./literals.ts";
import { compileAndOr, compileChoice, compileNot, truthHint } from "./logic.ts";
import { compileBinary } from "./operators.ts";
import { parse } from "./parse.ts";
import { SchemaWriter } from "./schema-document.ts";
import { typeOfSchema } from "./schema-type.ts";
import type { Span, Tree } from "./tree.ts";
import { integerType, numberType, type Type } from "./type.ts";
import { exact } from "./numbers.ts";
import { hintForNull, measure } from "./values.ts";

/** The types of the variables. */
export function variablesOf(variables: {
  readonly [name: string]: JsonSchema | boolean | undefined;
}): ReadonlyMap<string, Type> {
  return new Map(Object.entries(variables).map(([name, schema]) => [name, typeOfSchema(schema)]));
}

/** One expression, with its type still open to be written into a larger one. */
export interface CompiledPart {
  readonly type: Type;
  readonly warnings: readonly ExpressionWarning[];
  /** Throws nothing but `ExpressionError`. */
  readonly run: Run;
  /** What holds where it gives true. */
  readonly facts: readonly Fact[];
}

export function compilePart(
  source: string,
  variables: ReadonlyMap<string, Type>,
  expected: JsonSchema | undefined,
  path: readonly (string | number)[] = [],
): CompiledPart {
  const tree = parse(source);
  const compiler = new ExpressionCompiler(source, variables);
  const compiled = compiler.compile(tree, { locals: new Map(), facts: new Map(), macros: 0 });
  const wanted = expected === undefined ? kinds.any : compiler.expect(compiled, expected);
  const site = compiler.site(tree);
  return {
    type: compiled.type,
    warnings: compiler.warnings,
    run: guarded(checked(compiled.run, site, wanted, compiler.isLarge), site, path),
    facts: factsOf(tree, true),
  };
}

/** Lets out the sorts of values that are wanted, and no error but our own, with the keys that lead there. */
function guarded(run: Run, site: Site, path: readonly (string | number)[]): Run {
  return (variables: Variables, frame: Frame) => {
    try {
      return run(variables, frame);
    } catch (error) {
      const own = ExpressionError.isInstance(error) ? error : foreign(site, error);
      throw path.length === 0 ? own : copyOfError(own, path);
    }
  };
}

/** Looks at a result once more, where its parts do not say enough of it. */
function checked(run: Run, site: Site, wanted: number, isLarge: boolean): Run {
  if (wanted === kinds.any && !isLarge) return run;
  return (variables, frame) => {
    const value = run(variables, frame);
    if (isLarge) measure(value, site);
    if (wanted !== kinds.any && (kindOf(value) & wanted) === 0) {
      throw site.failure(`expected ${inWords(wanted)}, got ${inWords(kindOf(value))}`);
    }
    return value;
  };
}

/** Data may have getters and traps that throw. */
function foreign(site: Site, cause: unknown): ExpressionError {
  return new ExpressionError({
    message: "the data could not be read",
    phase: "evaluation",
    source: site.source,
    offset: site.span.start,
    length: site.span.end - site.span.start,
    cause,
  });
}

/** From how many written elements on a result is measured: each may be all of the data. */
const manyElements = 20;

class ExpressionCompiler implements Compiler {
  readonly source: string;
  readonly variables: ReadonlyMap<string, Type>;
  readonly warnings: ExpressionWarning[] = [];
  #elements = 0;

  constructor(source: string, variables: ReadonlyMap<string, Type>) {
    this.source = source;
    this.variables = variables;
  }

  get isLarge(): boolean {
    return this.#elements > manyElements;
  }

  readonly measure = (count: number): void => {
    this.#elements += count;
  };

  readonly text = (span: Span): string => excerpt(this.source, span);

  readonly site = (span: Span): Site => new Site(this.source, span);

  readonly refuse = (span: Span, message: string, hint?: string): ExpressionError =>
    new ExpressionError({
      message,
      phase: "type",
      source: this.source,
      offset: span.start,
      length: span.end - span.start,
      hint,
    });

  readonly warn = (span: Span, message: string, hint?: string): void => {
    // Said once, where it is first.
    if (this.warnings.some((warning) => warning.message === message)) return;
    const place = { offset: span.start, length: span.end - span.start, path: [] };
    this.warnings.push(hint === undefined ? { message, ...place } : { message, ...place, hint });
  };

  readonly need = (operand: Compiled, set: number, taker: string, hint?: string): void => {
    const given = operand.type.kinds;
    if (given === 0 || (given & ~set) === 0) return;
    const text = this.text(operand.tree);
    if ((given & set) === 0) {
      const nullHint = given === kinds.null ? undefined : hint;
      throw this.refuse(
        operand.tree,
        `${taker} takes ${inWords(set)}, and ${text} is ${inWords(given)}`,
        nullHint,
      );
    }
    // Where nothing is known, everything may be.
    if (given === kinds.any) return;
    this.warn(
      operand.tree,
      `${text} may be ${inWords(given & ~set)}, and ${taker} takes ${inWords(set)}`,
      hint ?? ((given & ~set) === kinds.null ? hintForNull(text) : undefined),
    );
  };

  readonly compile = (tree: Tree, scope: Scope): Compiled => {
    switch (tree.kind) {
      case "literal":
        return compileLiteral(tree);
      case "name":
        return compileName(this, tree, scope);
      case "field":
        return compileField(this, tree, scope);
      case "index":
        return compileIndex(this, tree, scope);
      case "list":
        return compileList(this, tree, scope);
      case "object":
        return compileObject(this, tree, scope);
      case "choice":
        return compileChoice(this, tree, scope);
      case "and":
      case "or":
        return compileAndOr(this, tree, scope);
      case "not":
        return compileNot(this, tree, scope);
      case "minus":
        return this.#minus(tree, scope);
      case "binary":
        return compileBinary(this, tree, scope);
      case "call":
        return compileCall(this, tree, scope);
    }
  };

  #minus(tree: Extract<Tree, { kind: "minus" }>, scope: Scope): Compiled {
    const of = this.compile(tree.of, scope);
    this.need(of, kinds.number, '"-"');
    const site = this.site(tree);
    const { run } = of;
    return {
      tree,
      type: (of.type.kinds & kinds.fraction) === 0 ? integerType : numberType,
      run: (variables, frame) => {
        const value = run(variables, frame);
        if (typeof value !== "number")
          throw site.failure(`"-" takes a number, not ${inWords(kindOf(value))}`);
        return exact(0 - value, value, 0, site);
      },
      work: of.work + 1,
    };
  }

  /** Refuses what never gives what is expected; the sorts of values that are. */
  expect(compiled: Compiled, expected: JsonSchema): number {
    const { type, tree } = compiled;
    const wanted = typeOfSchema(expected);
    if (type.kinds !== 0 && (type.kinds & wanted.kinds) === 0) {
      const hint = wanted.kinds === kinds.boolean ? truthHint(this, compiled) : undefined;
      throw this.refuse(
        tree,
        `expected ${inWords(wanted.kinds)}, but this gives ${inWords(type.kinds)}`,
        hint,
      );
    }
    const writer = new SchemaWriter();
    const fit = fitJson(writer.whole(type.write(writer)), expected);
    if (fit.verdict === "never") throw this.refuse(tree, `this is never what is expected: ${fit.why}`);
    // Of what nothing is known, it need not be said that it may not fit.
    if (fit.verdict === "sometimes" && type.kinds !== kinds.any) {
      this.warn(tree, `this is not always what is expected: ${fit.why}`);
    }
    return wanted.kinds;
  }
}
