import type { Fact, Scope } from "./compiled.ts";
import { pathOf } from "./access.ts";
import { kinds, kindsOfSchemaType } from "./kinds.ts";
import type { Tree } from "./tree.ts";

/** The variable that is read, and the keys on the way; undefined for what is worked out. */
function keysOfTree(tree: Tree): readonly string[] | undefined {
  if (tree.kind === "name") return [tree.name];
  if (tree.kind !== "field") return;
  const owner = keysOfTree(tree.of);
  return owner === undefined ? undefined : [...owner, tree.key];
}

/** The same as `Compiled.path` says it. */
function pathOfKeys([name, ...keys]: readonly string[]): string {
  return keys.reduce<string>((path, key) => pathOf(path, key) ?? path, name ?? "");
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
  if (tree?.kind !== "field") return [];
  const keys = keysOfTree(tree);
  const owner = keysOfTree(tree.of);
  if (keys === undefined || owner === undefined) return [];
  return [
    { keys, kinds: kinds.any, isPresent: true },
    { keys: owner, kinds: kinds.object, isPresent: true },
    ...presenceOf(tree.of),
  ];
}

function factsOfBinary(tree: Extract<Tree, { kind: "binary" }>, outcome: boolean): readonly Fact[] {
  const { operator, left, right } = tree;
  if (operator === "in" && outcome && left.kind === "literal" && typeof left.value === "string") {
    const owner = keysOfTree(right);
    // A list can have the element, too: only where it is an object is there a key.
    return owner === undefined ? [] : [{ keys: [...owner, left.value], kinds: kinds.any, isPresent: true }];
  }
  if (operator !== "==" && operator !== "!=") return [];
  const isEqual = (operator === "==") === outcome;
  return [...factsOfEquality(left, right, isEqual), ...factsOfEquality(right, left, isEqual)];
}

function factsOfEquality(tree: Tree, other: Tree, isEqual: boolean): readonly Fact[] {
  if (other.kind !== "literal") return [];
  if (tree.kind === "call" && tree.name === "type") {
    const [argument] = tree.receiver === undefined ? tree.args : [tree.receiver];
    const keys = argument === undefined ? undefined : keysOfTree(argument);
    const set = kindsOfSchemaType(other.value);
    if (keys === undefined || set === undefined) return [];
    return [{ keys, kinds: isEqual ? set : kinds.any & ~set, isPresent: true }];
  }
  const keys = keysOfTree(tree);
  if (keys === undefined || other.value !== null) return [];
  return [{ keys, kinds: isEqual ? kinds.null : kinds.any & ~kinds.null, isPresent: true }];
}

/** A scope in which these hold too. */
export function withFacts(scope: Scope, facts: readonly Fact[]): Scope {
  if (facts.length === 0) return scope;
  const all = new Map(scope.facts);
  for (const fact of facts) {
    const path = pathOfKeys(fact.keys);
    const known = all.get(path);
    all.set(path, {
      keys: fact.keys,
      kinds: fact.kinds & (known?.kinds ?? kinds.any),
      isPresent: fact.isPresent || known?.isPresent === true,
    });
  }
  return { ...scope, facts: all };
}
