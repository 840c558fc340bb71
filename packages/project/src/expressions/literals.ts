import type { Compiled, Compiler, Run, Scope, Site } from "./compiled.ts";
import { kinds } from "./kinds.ts";
import type { Tree } from "./tree.ts";
import { listOf, objectOf, sortsType, tupleOf, type Type, unionOf, valuesType } from "./type.ts";
import { sortOf, spendText } from "./values.ts";

type Part<TKind extends Tree["kind"]> = Extract<Tree, { readonly kind: TKind }>;

export function compileLiteral(tree: Part<"literal">): Compiled {
  const { value } = tree;
  return { tree, type: valuesType([value]), run: () => value, work: 1 };
}

/** Up to which length the elements of a list are told one by one in its type. */
const longTuple = 16;

export function compileList(compiler: Compiler, tree: Part<"list">, scope: Scope): Compiled {
  const items = tree.items.map((item) => compiler.compile(item, scope));
  compiler.measure(items.length);
  const types = items.map((item) => item.type);
  const runs = items.map((item) => item.run);
  return {
    tree,
    type: types.length > longTuple ? listOf(unionOf(types)) : tupleOf(types),
    run: (variables, frame) => runs.map((run) => run(variables, frame)),
    work: items.reduce((sum, item) => sum + item.work, 1),
  };
}

/** A key that would change what an object inherits, in code that merges objects carelessly. */
export const unsafeKey = "__proto__";

export function compileObject(compiler: Compiler, tree: Part<"object">, scope: Scope): Compiled {
  const entries = tree.entries.map(({ key, value }) => ({
    key: compiler.compile(key, scope),
    value: compiler.compile(value, scope),
  }));
  compiler.measure(entries.length);
  const fields = new Map<string, Type>();
  for (const { key, value } of entries) {
    const hint =
      key.tree.kind === "literal"
        ? `write "${String(key.tree.value)}"`
        : `write string(${compiler.text(key.tree)})`;
    compiler.need(key, kinds.text, "a key", hint);
    if (key.tree.kind !== "literal" || typeof key.tree.value !== "string") continue;
    const name = key.tree.value;
    if (name === unsafeKey) throw compiler.refuse(key.tree, `"${unsafeKey}" is not allowed as a key`);
    if (fields.has(name)) throw compiler.refuse(key.tree, `the key "${name}" comes twice`);
    fields.set(name, value.type);
  }
  return {
    tree,
    type: fields.size === entries.length ? objectOf(fields) : sortsType(kinds.object),
    run: makeObject(compiler, entries),
    work: entries.reduce((sum, { key, value }) => sum + key.work + value.work, 1),
  };
}

function makeObject(
  compiler: Compiler,
  entries: readonly { readonly key: Compiled; readonly value: Compiled }[],
): Run {
  const runs = entries.map(({ key, value }) => ({
    key: key.run,
    value: value.run,
    site: compiler.site(key.tree),
  }));
  return (variables, frame) => {
    const made: Record<string, unknown> = {};
    for (const { key, value, site } of runs) {
      const name = key(variables, frame);
      if (typeof name !== "string") throw site.failure(`a key is a text, not ${sortOf(name)}`);
      if (name === unsafeKey) throw site.failure(`"${unsafeKey}" is not allowed as a key`);
      spendText(frame, name.length, site);
      if (name in made) own(made, name, site);
      made[name] = value(variables, frame);
    }
    return made;
  };
}

/** Makes a key the object's own that it has, or inherits: an inherited setter would be called. */
function own(made: object, name: string, site: Site): void {
  if (Object.hasOwn(made, name)) throw site.failure("the key comes twice");
  Object.defineProperty(made, name, {
    value: undefined,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}
