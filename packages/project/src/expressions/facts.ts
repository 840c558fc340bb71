import type { Fact, Scope } from "./compiled.ts";
import { pathOf } from "./access.ts";
import { kinds, kindsOfSchemaType } from "./kinds.ts";
import type { Tree } from "./tree.ts";

/** What is read, as `Compiled.path` says it; undefined for what is worked out. */
function pathOfTree(tree: Tree): string | undefined {
  if (tree.kind === "name") return tree.name;
  return tree.kind === "field" ? pathOf(pathOfTree(tree.of), tree.key) : undefined;
}

/** What holds where a condition has turned out true, or false. */
export function factsOf(condition: Tree, outcome: boolean): readonly Fact[] {
  switch (condition.kind) {
    case "not":
      return factsOf(condition.of, !outcome);
    case "and":
    case "or":
      // "a && b" is true only where both are; nothing is known of either where it is false.
      return (condition.kind === "and") === outcome
        ? [...factsOf(condition.left, outcome), ...factsOf(condition.right, outcome)]
        : [];
    case "call":
      return condition.name === "has" && outcome ? presenceOf(condition.args[0]) : [];
    case "binary":
      return factsOfBinary(condition, outcome);
    default:
      return [];
  }
}

function presenceOf(tree: Tree | undefined): readonly Fact[] {
  const path = tree === undefined ? undefined : pathOfTree(tree);
  if (tree?.kind !== "field" || path === undefined) return [];
  const owner = pathOfTree(tree.of);
  return [
    { path, kinds: kinds.any, isPresent: true },
    ...(owner === undefined ? [] : [{ path: owner, kinds: kinds.object, isPresent: true }]),
    ...presenceOf(tree.of),
  ];
}

function factsOfBinary(tree: Extract<Tree, { kind: "binary" }>, outcome: boolean): readonly Fact[] {
  const { operator, left, right } = tree;
  if (operator === "in" && outcome && left.kind === "literal" && typeof left.value === "string") {
    const path = pathOf(pathOfTree(right), left.value);
    return path === undefined ? [] : [{ path, kinds: kinds.any, isPresent: true }];
  }
  if (operator !== "==" && operator !== "!=") return [];
  const isEqual = (operator === "==") === outcome;
  return [...factsOfEquality(left, right, isEqual), ...factsOfEquality(right, left, isEqual)];
}

function factsOfEquality(tree: Tree, other: Tree, isEqual: boolean): readonly Fact[] {
  if (other.kind !== "literal") return [];
  if (tree.kind === "call" && tree.name === "type") {
    const [argument] = tree.receiver === undefined ? tree.args : [tree.receiver];
    const path = argument === undefined ? undefined : pathOfTree(argument);
    const set = kindsOfSchemaType(other.value);
    if (path === undefined || set === undefined) return [];
    return [{ path, kinds: isEqual ? set : kinds.any & ~set, isPresent: true }];
  }
  const path = pathOfTree(tree);
  if (path === undefined || other.value !== null) return [];
  return [{ path, kinds: isEqual ? kinds.null : kinds.any & ~kinds.null, isPresent: true }];
}

/** A scope in which these hold too. */
export function withFacts(scope: Scope, facts: readonly Fact[]): Scope {
  if (facts.length === 0) return scope;
  const all = new Map(scope.facts);
  for (const fact of facts) {
    const known = all.get(fact.path);
    all.set(fact.path, {
      path: fact.path,
      kinds: fact.kinds & (known?.kinds ?? kinds.any),
      isPresent: fact.isPresent || known?.isPresent === true,
    });
  }
  return { ...scope, facts: all };
}
