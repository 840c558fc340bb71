import { createRequire } from "node:module";
import type { ASTNode, Environment } from "@marcbachmann/cel-js";
import { ExpressionError } from "./expression-error.ts";
import { limits } from "./limits.ts";
import { syntaxError } from "./syntax-error.ts";
import type { BinaryOperator, Span, Tree } from "./tree.ts";

interface Parser {
  readonly environment: Environment;
  readonly isParseError: (error: unknown) => error is Parameters<typeof syntaxError>[1];
}

let loaded: Parser | undefined;

/** Loaded with the first expression: it costs 20 ms, which commands without one need not pay. */
function parser(): Parser {
  if (loaded !== undefined) return loaded;
  // What the package exports: it declares its types.
  const cel = createRequire(import.meta.url)("@marcbachmann/cel-js") as typeof import("@marcbachmann/cel-js");
  // Only its parser is used: types and evaluation are our own.
  const environment = new cel.Environment({
    unlistedVariablesAreDyn: true,
    limits: {
      maxAstNodes: limits.nodes,
      maxDepth: limits.depth,
      maxListElements: limits.elements,
      maxMapEntries: limits.elements,
      maxCallArguments: limits.elements,
    },
  });
  loaded = { environment, isParseError: (error) => error instanceof cel.ParseError };
  return loaded;
}

/**
 * Reads an expression.
 *
 * @throws ExpressionError where the text is no expression, or is larger than `limits` allow.
 */
export function parse(source: string): Tree {
  if (source.length > limits.sourceLength) {
    throw new ExpressionError({
      message: `the expression has ${source.length} characters; at most ${limits.sourceLength} are allowed`,
      phase: "syntax",
      source: source.slice(0, limits.sourceLength),
      offset: limits.sourceLength,
      hint: "do it in an agent, which is code",
    });
  }
  return new Converter(source).convert(parseTree(source), 0);
}

function parseTree(source: string): ASTNode {
  const { environment, isParseError } = parser();
  try {
    return environment.parse(source).ast;
  } catch (error) {
    if (isParseError(error)) throw syntaxError(source, error);
    // A row of thousands of "!" is read by as many calls.
    if (error instanceof RangeError) throw tooDeep(source, { start: 0, end: source.length });
    throw error;
  }
}

function tooDeep(source: string, span: Span): ExpressionError {
  return new ExpressionError({
    message: `the expression is nested more than ${limits.depth} levels deep`,
    phase: "syntax",
    source,
    offset: span.start,
    length: span.end - span.start,
  });
}

/** From the parser's tree to ours: what JSON has not is refused, macros are left as the calls that they look like. */
class Converter {
  readonly #source: string;
  constructor(source: string) {
    this.#source = source;
  }

  convert(node: ASTNode, depth: number): Tree {
    if (depth > limits.depth) throw tooDeep(this.#source, node);
    const next = (child: ASTNode): Tree => this.convert(child, depth + 1);
    const { start, end } = node;
    switch (node.op) {
      case "value":
        return { kind: "literal", start, end, value: this.#literal(node.args, node) };
      case "id":
        return { kind: "name", start, end, name: node.args };
      case ".": {
        const [of, key] = node.args;
        return { kind: "field", start, end, of: next(of), key, keySpan: { start: node.pos, end } };
      }
      case "[]": {
        const of = next(node.args[0]);
        const index = next(node.args[1]);
        return index.kind === "literal" && typeof index.value === "string"
          ? { kind: "field", start, end, of, key: index.value, keySpan: index }
          : { kind: "index", start, end, of, index };
      }
      case "list":
        return { kind: "list", start, end, items: node.args.map(next) };
      case "map":
        return {
          kind: "object",
          start,
          end,
          entries: node.args.map(([key, value]) => ({ key: next(key), value: next(value) })),
        };
      case "?:": {
        const [condition, then, otherwise] = node.args;
        return {
          kind: "choice",
          start,
          end,
          condition: next(condition),
          then: next(then),
          otherwise: next(otherwise),
        };
      }
      case "||":
      case "&&": {
        const [left, right] = node.args;
        return { kind: node.op === "||" ? "or" : "and", start, end, left: next(left), right: next(right) };
      }
      case "!_":
        return { kind: "not", start, end, of: next(node.args) };
      case "-_":
        return this.#minus(node, next);
      case "call": {
        const [name, args] = node.args;
        return {
          kind: "call",
          start,
          end,
          name,
          nameSpan: { start, end: start + name.length },
          args: args.map(next),
        };
      }
      case "rcall": {
        const [name, receiver, args] = node.args;
        return {
          kind: "call",
          start,
          end,
          name,
          nameSpan: this.#nameAfter(receiver, name, node),
          receiver: next(receiver),
          args: args.map(next),
        };
      }
      case ".?":
      case "[?]":
        throw this.#refuse(node, "optional access is not supported", 'write get(record, "a.b", null)');
      default: {
        const [left, right] = node.args;
        return {
          kind: "binary",
          start,
          end,
          operator: node.op satisfies BinaryOperator,
          left: next(left),
          right: next(right),
        };
      }
    }
  }

  /** A minus before a number belongs to it. */
  #minus(node: Extract<ASTNode, { op: "-_" }>, next: (child: ASTNode) => Tree): Tree {
    const { start, end } = node;
    const of = next(node.args);
    return of.kind === "literal" && typeof of.value === "number"
      ? { kind: "literal", start, end, value: 0 - of.value }
      : { kind: "minus", start, end, of };
  }

  #literal(value: unknown, node: Span): string | number | boolean | null {
    switch (typeof value) {
      case "string":
      case "boolean":
      case "number":
        return value;
      case "bigint":
        return this.#whole(value, node);
      default:
        if (value === null) return null;
        if (value instanceof Uint8Array) {
          throw this.#refuse(node, "there are no bytes in JSON", "write a text, without the b before it");
        }
        // An unsigned number: 7u.
        return this.#whole(BigInt(this.#source.slice(node.start, node.end).replace(/u$/i, "")), node);
    }
  }

  #whole(value: bigint, node: Span): number {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) {
      throw this.#refuse(
        node,
        "the number is beyond 9007199254740991 (2^53 - 1), up to which whole numbers are exact in JSON",
        "write it as a text, or with a decimal point for about this much",
      );
    }
    return number;
  }

  #refuse(span: Span, message: string, hint: string): ExpressionError {
    return new ExpressionError({
      message,
      phase: "syntax",
      source: this.#source,
      offset: span.start,
      length: span.end - span.start,
      hint,
    });
  }

  /** The parser tells where a call begins and ends; its name comes after the receiver, brackets and a dot. */
  #nameAfter(receiver: Span, name: string, call: Span): Span {
    const start = this.#source.indexOf(name, this.#source.indexOf(".", receiver.end));
    return start < 0 || start + name.length > call.end ? call : { start, end: start + name.length };
  }
}
