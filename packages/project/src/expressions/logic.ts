import type { Compiled, Compiler, Run, Scope } from "./compiled.ts";
import { factsOf, withFacts } from "./facts.ts";
import { kinds } from "./kinds.ts";
import type { Tree } from "./tree.ts";
import { booleanType, type Type, unionOf } from "./type.ts";
import { sortOf } from "./values.ts";

type Part<TKind extends Tree["kind"]> = Extract<Tree, { readonly kind: TKind }>;

/** `a && b`, `a || b`: from left to right, and no further than is needed. */
export function compileAndOr(compiler: Compiler, tree: Part<"and" | "or">, scope: Scope): Compiled {
  const isAnd = tree.kind === "and";
  const sign = isAnd ? '"&&"' : '"||"';
  const left = compiler.compile(tree.left, scope);
  const right = compiler.compile(tree.right, withFacts(scope, factsOf(tree.left, isAnd)));
  const a = toBoolean(compiler, left, sign);
  const b = toBoolean(compiler, right, sign);
  const run: Run = isAnd
    ? (variables, frame) => a(variables, frame) === true && b(variables, frame)
    : (variables, frame) => a(variables, frame) === true || b(variables, frame);
  return { tree, type: booleanType, run, work: left.work + right.work + 1 };
}

export function compileNot(compiler: Compiler, tree: Part<"not">, scope: Scope): Compiled {
  const of = compiler.compile(tree.of, scope);
  const value = toBoolean(compiler, of, '"!"');
  return {
    tree,
    type: booleanType,
    run: (variables, frame) => value(variables, frame) === false,
    work: of.work + 1,
  };
}

/** `condition ? then : otherwise` */
export function compileChoice(compiler: Compiler, tree: Part<"choice">, scope: Scope): Compiled {
  const condition = compiler.compile(tree.condition, scope);
  const then = compiler.compile(tree.then, withFacts(scope, factsOf(tree.condition, true)));
  const otherwise = compiler.compile(tree.otherwise, withFacts(scope, factsOf(tree.condition, false)));
  const test = toBoolean(compiler, condition, 'the condition before "?"');
  const a = then.run;
  const b = otherwise.run;
  return {
    tree,
    type: unionOf([then.type, otherwise.type]),
    run: (variables, frame) => (test(variables, frame) === true ? a(variables, frame) : b(variables, frame)),
    work: condition.work + then.work + otherwise.work + 1,
  };
}

/** Refuses what is neither true nor false: there is no truth in texts and numbers. */
export function toBoolean(compiler: Compiler, operand: Compiled, taker: string): Run {
  const hint = truthHint(compiler, operand);
  compiler.need(operand, kinds.boolean, taker, hint);
  const site = compiler.site(operand.tree);
  const { run } = operand;
  return (variables, frame) => {
    const value = run(variables, frame);
    if (typeof value !== "boolean") {
      throw site.failure(`${taker} takes true or false; ${site.text} is ${sortOf(value)}`);
    }
    return value;
  };
}

export function truthHint(
  compiler: Compiler,
  operand: { readonly tree: Tree; readonly type: Type },
): string | undefined {
  const text = compiler.text(operand.tree);
  const set = operand.type.kinds;
  if (set === kinds.any) return;
  if ((set & ~kinds.number) === 0) return `write ${text} != 0`;
  if ((set & ~kinds.text) === 0) return `write ${text} != ""`;
  if ((set & ~kinds.list) === 0) return `write size(${text}) > 0`;
  return;
}
