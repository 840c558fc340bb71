import { closest } from "../closest.ts";
import type { Compiled, Compiler, Run, Scope } from "./compiled.ts";
import { inWords, kinds } from "./kinds.ts";
import type { Tree } from "./tree.ts";
import { type Field, type Type, unionOf } from "./type.ts";
import { admit, hintForMissing, isObject, missing, sortOf, spendText } from "./values.ts";

type Part<TKind extends Tree["kind"]> = Extract<Tree, { readonly kind: TKind }>;

/** A variable, or the element of a macro. */
export function compileName(compiler: Compiler, tree: Part<"name">, scope: Scope): Compiled {
  const { name } = tree;
  const local = scope.locals.get(name);
  if (local !== undefined) {
    const run: Run = local.isOuter ? (_, frame) => frame.outer : (_, frame) => frame.inner;
    return { tree, type: withFacts(local.type, name, scope), run, work: 1, path: name };
  }
  const type = compiler.variables.get(name);
  if (type === undefined) throw unknownName(compiler, tree, scope);
  const site = compiler.site(tree);
  const read: Run = (variables) => admit(Object.hasOwn(variables, name) ? variables[name] : undefined, site);
  const run: Run =
    name === "record"
      ? // By far the most read: it is looked at once in an evaluation.
        (variables, frame) =>
          frame.record === undefined ? (frame.record = read(variables, frame)) : frame.record
      : read;
  return { tree, type: withFacts(type, name, scope), run, work: 1, path: name };
}

function unknownName(compiler: Compiler, tree: Part<"name">, scope: Scope): Error {
  const names = [...compiler.variables.keys(), ...scope.locals.keys()];
  const near = closest(tree.name, names);
  const [variable = "record"] = names;
  const field = names.find((name) => compiler.variables.get(name)?.keys.includes(tree.name));
  const hints = [
    near !== undefined && `did you mean ${near}?`,
    near === undefined && field !== undefined && `did you mean ${field}.${tree.name}?`,
    `a text stands in quotes: "${tree.name}"`,
    near === undefined && field === undefined && `a field is read by ${variable}.${tree.name}`,
  ];
  return compiler.refuse(
    tree,
    `${tree.name}: there is no such variable`,
    hints.filter((hint) => hint !== false).join("; "),
  );
}

function withFacts(type: Type, path: string, scope: Scope): Type {
  const fact = scope.facts.get(path);
  return fact === undefined ? type : type.only(fact.kinds);
}

/** The path of a key under a path. No name and no key of JSON text can be mistaken for two. */
export function pathOf(path: string | undefined, key: string): string | undefined {
  return path === undefined ? undefined : `${path}${JSON.stringify(key)}`;
}

/** What a type says of a key; refuses what certainly is not there. */
export function checkField(
  compiler: Compiler,
  tree: Part<"field">,
  of: Type,
  severity: "strict" | "lenient",
): Field {
  const field = of.field(tree.key);
  if (field.presence !== "never" && (field.presence !== "unlisted" || severity === "lenient")) return field;
  const near = closest(tree.key, of.keys);
  const all = of.keys.length <= 12 ? `; there are ${of.keys.join(", ")}` : "";
  const rest =
    field.presence === "unlisted"
      ? `; a field that the schema does not list is read by get(${compiler.text(tree.of)}, "${tree.key}", otherwise)`
      : "";
  throw compiler.refuse(
    tree.keySpan,
    `${compiler.text(tree)}: there is no such field`,
    near !== undefined ? `did you mean ${near}?` : `${all}${rest}`.replace(/^; /, "") || undefined,
  );
}

/** `of.key` */
export function compileField(compiler: Compiler, tree: Part<"field">, scope: Scope): Compiled {
  const of = compiler.compile(tree.of, scope);
  const { key } = tree;
  needObject(compiler, tree, of);
  const path = pathOf(of.path, key);
  const fact = path === undefined ? undefined : scope.facts.get(path);
  const field = checkField(compiler, tree, of.type, fact?.isPresent === true ? "lenient" : "strict");
  const isKnown = of.type.kinds !== kinds.any || of.type.keys.length > 0;
  if (field.presence === "perhaps" && fact?.isPresent !== true && isKnown && isDeclared(of.type, key)) {
    compiler.warn(tree, `${compiler.text(tree)} may be missing`, hintForMissing(compiler.text(tree)));
  }
  const type = fact === undefined ? field.type : field.type.only(fact.kinds);
  return { tree, type, run: readField(compiler, tree, of.run), work: of.work + 1, path };
}

/** Of keys that a schema does not name nothing is known, and nothing is warned of. */
function isDeclared(type: Type, key: string): boolean {
  return type.keys.includes(key);
}

function needObject(compiler: Compiler, tree: Part<"field">, of: Compiled): void {
  const { kinds: set } = of.type;
  if (set === 0 || set & kinds.object) {
    compiler.need(of, kinds.object, `.${tree.key}`);
    return;
  }
  const isText = (set & kinds.text) !== 0;
  const hint =
    ["length", "size", "count"].includes(tree.key) && set & (kinds.list | kinds.text)
      ? `write size(${compiler.text(tree.of)})`
      : set & kinds.list
        ? `an element is read by ${compiler.text(tree.of)}[0]`
        : isText
          ? `a function is called with parentheses: ${compiler.text(tree)}()`
          : undefined;
  throw compiler.refuse(
    tree.keySpan,
    `${compiler.text(tree.of)} is ${inWords(set)}, and has no fields`,
    hint,
  );
}

function readField(compiler: Compiler, tree: Part<"field">, of: Run): Run {
  const { key } = tree;
  const site = compiler.site(tree);
  const ofSite = compiler.site(tree.of);
  return (variables, frame) => {
    const owner = of(variables, frame);
    if (!isObject(owner)) {
      throw ofSite.failure(
        `${ofSite.text} is ${sortOf(owner)}, and has no field ${key}`,
        owner === null ? hintForMissing(site.text) : undefined,
      );
    }
    if (!Object.hasOwn(owner, key)) throw missing(site);
    return admit(owner[key], site);
  };
}

/** `of[index]`, where the index is worked out. */
export function compileIndex(compiler: Compiler, tree: Part<"index">, scope: Scope): Compiled {
  const of = compiler.compile(tree.of, scope);
  const index = compiler.compile(tree.index, scope);
  const isText = (of.type.kinds & (kinds.list | kinds.object | kinds.text)) === kinds.text;
  compiler.need(
    of,
    kinds.list | kinds.object,
    "[…]",
    isText ? `write substring(${compiler.text(tree.of)}, 0, 1)` : undefined,
  );
  const keys =
    (of.type.kinds & kinds.list ? kinds.integer : 0) | (of.type.kinds & kinds.object ? kinds.text : 0);
  // A number of which no more is known may well be whole.
  const given = index.type.kinds & kinds.number && keys & kinds.integer ? keys | kinds.fraction : keys;
  compiler.need(index, given, `the index of ${inWords(of.type.kinds & (kinds.list | kinds.object))}`);
  const at = index.type.values?.[0];
  if (keys === kinds.integer && typeof at === "number" && index.type.values?.length === 1) {
    if (at < 0) {
      const last = `${compiler.text(tree.of)}[size(${compiler.text(tree.of)}) - ${-at}]`;
      throw compiler.refuse(tree.index, "an index counts from 0", `from the end: ${last}`);
    }
    if (!Number.isInteger(at)) throw compiler.refuse(tree.index, "an index is a whole number");
  }
  const type = unionOf([
    ...(of.type.kinds & kinds.list ? [of.type.items] : []),
    ...(of.type.kinds & kinds.object ? [of.type.anyField] : []),
  ]);
  return {
    tree,
    type,
    run: readIndex(compiler, tree, of.run, index.run),
    work: of.work + index.work + 1,
  };
}

function readIndex(compiler: Compiler, tree: Part<"index">, of: Run, index: Run): Run {
  const site = compiler.site(tree);
  const indexSite = compiler.site(tree.index);
  return (variables, frame) => {
    const owner = of(variables, frame);
    const at = index(variables, frame);
    if (Array.isArray(owner)) {
      if (typeof at !== "number" || !Number.isInteger(at)) {
        throw indexSite.failure(`the index of a list is a whole number, not ${describe(at)}`);
      }
      if (at < 0 || at >= owner.length) {
        throw indexSite.failure(
          `the list has ${owner.length} elements, and none at ${at}`,
          at < 0 ? "an index counts from 0" : `ask size(${compiler.text(tree.of)}) before`,
        );
      }
      return admit(owner[at], site);
    }
    if (!isObject(owner))
      throw site.failure(`${compiler.text(tree.of)} is ${sortOf(owner)}, and has no elements`);
    if (typeof at !== "string") throw indexSite.failure(`a key is a text, not ${describe(at)}`);
    spendText(frame, at.length, site);
    if (!Object.hasOwn(owner, at)) throw missing(site);
    return admit(owner[at], site);
  };
}

function describe(value: unknown): string {
  return typeof value === "number" ? String(value) : sortOf(value);
}
