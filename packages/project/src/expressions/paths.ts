import { closest } from "../closest.ts";
import { checkField, compileName } from "./access.ts";
import type { Compiled, Compiler, Run, Scope, Site } from "./compiled.ts";
import { kinds } from "./kinds.ts";
import type { Span, Tree } from "./tree.ts";
import { anyType, booleanType, nullType, type Type, unionOf } from "./type.ts";
import { admit, isJsonObject, sortOf, spendText } from "./values.ts";

type Call = Extract<Tree, { readonly kind: "call" }>;

const absent = Symbol("absent");

/** `has(record.a.b)`: whether it is there, be it null; false also where something before it is not. */
export function compileHas(compiler: Compiler, tree: Call, scope: Scope): Compiled {
  const [argument] = tree.args;
  if (tree.receiver !== undefined || tree.args.length !== 1 || argument?.kind !== "field") {
    throw compiler.refuse(
      tree,
      "has takes one field, as in has(record.a.b)",
      tree.receiver === undefined ? undefined : `write has(${compiler.text(tree.receiver)})`,
    );
  }
  const look = lookUp(compiler, argument, scope);
  return {
    tree,
    type: booleanType,
    run: (variables, frame) => {
      const value = look.run(variables, frame);
      return value !== absent && value !== undefined;
    },
    work: 2,
  };
}

/** Reads a field without failing where something is missing on the way. */
function lookUp(compiler: Compiler, tree: Tree, scope: Scope): { readonly type: Type; readonly run: Run } {
  if (tree.kind === "name") return compileName(compiler, tree, scope);
  if (tree.kind === "index") return compiler.compile(tree, scope);
  if (tree.kind !== "field") {
    throw compiler.refuse(
      tree,
      "has takes one field, as in has(record.a.b)",
      'for a value that is worked out: "key" in value',
    );
  }
  const of = lookUp(compiler, tree.of, scope);
  const { key } = tree;
  if (of.type.kinds !== 0 && (of.type.kinds & kinds.object) === 0) {
    throw compiler.refuse(tree.keySpan, `${compiler.text(tree.of)} has no fields`);
  }
  const field = checkField(compiler, tree, of.type, "lenient");
  warnOfTypo(compiler, tree.keySpan, of.type, key);
  const run: Run = (variables, frame) => {
    const owner = of.run(variables, frame);
    return isJsonObject(owner) && Object.hasOwn(owner, key) ? owner[key] : absent;
  };
  return { type: field.type, run };
}

function warnOfTypo(compiler: Compiler, span: Span, type: Type, key: string): void {
  if (type.kinds === kinds.any || type.field(key).presence !== "unlisted") return;
  const near = closest(key, type.keys);
  if (near !== undefined) compiler.warn(span, `the schema has no field ${key}`, `did you mean ${near}?`);
}

/** `get(value, "a.b.0", otherwise)`: what is there, or the other value where it is missing or null. */
export function compileGet(compiler: Compiler, tree: Call, scope: Scope): Compiled {
  const all = tree.receiver === undefined ? tree.args : [tree.receiver, ...tree.args];
  const [first, second, third, ...more] = all;
  if (first === undefined || second === undefined || more.length > 0) {
    throw compiler.refuse(
      tree,
      'get takes a value, a path and what to give otherwise: get(record, "a.b", 0)',
    );
  }
  const of = compiler.compile(first, scope);
  const otherwise = third === undefined ? undefined : compiler.compile(third, scope);
  const path = compiler.compile(second, scope);
  compiler.need(path, kinds.text | kinds.list, "the path of get");
  const literal = literalPath(second);
  const type = literal === undefined ? anyType : typeAt(compiler, of.type, literal, second);
  const other: Run = otherwise?.run ?? (() => null);
  const site = compiler.site(second);
  const valueSite = compiler.site(tree);
  const run: Run = (variables, frame) => {
    let value = of.run(variables, frame);
    for (const key of literal ?? pathFrom(path.run(variables, frame), site)) {
      if (literal === undefined) spendText(frame, 16 + key.length, site);
      value = step(value, key);
      if (value === undefined || value === null) return other(variables, frame);
    }
    return value === null ? other(variables, frame) : admit(value, valueSite);
  };
  return {
    tree,
    type: unionOf([type.only(kinds.any & ~kinds.null), otherwise?.type ?? nullType]),
    run,
    work: of.work + path.work + (otherwise?.work ?? 0) + 2,
  };
}

function literalPath(tree: Tree): readonly string[] | undefined {
  if (tree.kind === "literal" && typeof tree.value === "string") return tree.value.split(".");
  if (tree.kind !== "list") return;
  const keys = tree.items.map((item) => (item.kind === "literal" ? item.value : undefined));
  return keys.every((key) => typeof key === "string" || typeof key === "number")
    ? keys.map(String)
    : undefined;
}

function pathFrom(value: unknown, site: Site): readonly string[] {
  if (typeof value === "string") return value.length > 10_000 ? [value] : value.split(".");
  if (Array.isArray(value)) {
    if (value.length > 100) throw site.failure("the path has more than 100 keys");
    return Array.from({ length: value.length }, (_, index) => {
      const key: unknown = value[index];
      if (typeof key !== "string" && typeof key !== "number") {
        throw site.failure(`the path is made of texts and numbers, not ${sortOf(key)}`);
      }
      return String(key);
    });
  }
  throw site.failure(`the path is a text or a list of texts, not ${sortOf(value)}`);
}

const indexPattern = /^(0|[1-9]\d{0,15})$/;

function step(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return indexPattern.test(key) ? value[Number(key)] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function typeAt(compiler: Compiler, from: Type, path: readonly string[], place: Tree): Type {
  let type = from;
  for (const key of path) {
    const parts: Type[] = [];
    if (type.kinds & kinds.object) {
      const field = type.field(key);
      if (field.presence === "never" && (type.kinds & kinds.list) === 0) {
        const near = closest(key, type.keys);
        throw compiler.refuse(
          place,
          `there is no such field: ${key}`,
          near === undefined ? undefined : `did you mean ${near}?`,
        );
      }
      warnOfTypo(compiler, place, type, key);
      parts.push(field.type);
    }
    if (type.kinds & kinds.list && indexPattern.test(key)) parts.push(type.items);
    if (parts.length === 0 && type.kinds !== 0) {
      compiler.warn(place, `there is nothing under ${key}, so that this always gives the other value`);
    }
    type = unionOf(parts);
  }
  return type;
}
