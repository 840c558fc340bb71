import { closest } from "../closest.ts";
import type { Compiled, Compiler, Run, Scope } from "./compiled.ts";
import { CallSite, type FunctionDefinition, usageOf, type Work } from "./function-definition.ts";
import { compileMacro, macroUsage } from "./macros.ts";
import { numberFunctions } from "./number-functions.ts";
import { compileGet, compileHas } from "./paths.ts";
import { textFunctions } from "./text-functions.ts";
import type { Tree } from "./tree.ts";
import { valueFunctions } from "./value-functions.ts";

type Call = Extract<Tree, { readonly kind: "call" }>;

const functions: ReadonlyMap<string, FunctionDefinition> = new Map(
  [...textFunctions, ...numberFunctions, ...valueFunctions].map((each) => [each.name, each]),
);

/** Every function, macros included. */
export const functionNames: readonly string[] = [
  ...functions.keys(),
  ...Object.keys(macroUsage),
  "has",
  "get",
];

const time = "dates are texts in JSON; those as 2026-01-31 compare in order";

/** What standard CEL and other languages have, and what to write here. */
const elsewhere: Readonly<Record<string, string>> = {
  timestamp: time,
  duration: time,
  date: time,
  now: "it would give something else each time: a run could not be repeated. Put the time into the records",
  today: "it would give something else each time: a run could not be repeated. Put the date into the records",
  random: "it would give something else each time: a run could not be repeated",
  rand: "it would give something else each time: a run could not be repeated",
  uuid: "it would give something else each time: a run could not be repeated",
  bytes: "there are no bytes in JSON",
  uint: "write int(…)",
  dyn: "not needed: values of any sorts go together",
  lowerAscii: "write lower(text)",
  toLowerCase: "write lower(text)",
  lowercase: "write lower(text)",
  upperAscii: "write upper(text)",
  toUpperCase: "write upper(text)",
  uppercase: "write upper(text)",
  length: "write size(value)",
  len: "write size(value)",
  count: "write size(list)",
  includes: "write contains(text, part)",
  indexOf: "write contains(text, part), or split(text, part)",
  some: "write list.exists(x, condition)",
  any: "write list.exists(x, condition)",
  every: "write list.all(x, condition)",
  forEach: "write list.map(x, value)",
  reduce: "write sum(list), min(list), max(list) or join(list, separator)",
  parseInt: "write int(text)",
  parseFloat: "write number(text)",
  float: "write number(text)",
  Number: "write number(text)",
  String: "write string(value)",
  Boolean: "write bool(text)",
  toString: "write string(value)",
  str: "write string(value)",
  typeof: "write type(value)",
  coalesce: 'write get(record, "key", otherwise)',
  default: 'write get(record, "key", otherwise)',
  orValue: 'write get(record, "key", otherwise)',
  if: "write condition ? one : other",
  concat: "write one + other, or join(list, separator)",
  replaceAll: "write replace(text, part, by)",
  slice: "write substring(text, from, to)",
  substr: "write substring(text, from, to)",
  strip: "write trim(text)",
  avg: "write sum(list) / size(list)",
  mean: "write sum(list) / size(list)",
};

export function compileCall(compiler: Compiler, tree: Call, scope: Scope): Compiled {
  const { name } = tree;
  if (Object.hasOwn(macroUsage, name)) return compileMacro(compiler, tree, scope);
  if (name === "has") return compileHas(compiler, tree, scope);
  if (name === "get") return compileGet(compiler, tree, scope);
  const definition = functions.get(name);
  if (definition === undefined) throw unknownFunction(compiler, tree);
  return compileFunction(compiler, tree, scope, definition);
}

function unknownFunction(compiler: Compiler, tree: Call): Error {
  const near = closest(tree.name, functionNames);
  const told = Object.hasOwn(elsewhere, tree.name) ? elsewhere[tree.name] : undefined;
  return compiler.refuse(
    tree.nameSpan,
    `${tree.name}: there is no such function`,
    told ??
      (near === undefined ? `there are ${functionNames.toSorted().join(", ")}` : `did you mean ${near}?`),
  );
}

function compileFunction(
  compiler: Compiler,
  tree: Call,
  scope: Scope,
  definition: FunctionDefinition,
): Compiled {
  const given = tree.receiver === undefined ? tree.args : [tree.receiver, ...tree.args];
  const { parameters, name } = definition;
  const least = parameters.filter((parameter) => parameter.isOptional !== true).length;
  if (given.length < least || given.length > parameters.length) {
    const most = parameters.length;
    const wanted = least === most ? `${least}` : `${least} to ${most}`;
    throw compiler.refuse(
      tree,
      `${name} takes ${wanted} ${wanted === "1" ? "argument" : "arguments"}, not ${given.length}`,
      `it is written ${usageOf(definition)}`,
    );
  }
  const args = given.map((argument) => compiler.compile(argument, scope));
  args.forEach((argument, index) => compiler.need(argument, parameters[index]?.kinds ?? 0, name));
  const site = new CallSite(name, compiler.source, tree);
  const type = definition.type(args, compiler);
  const work = definition.make(site, args, compiler);
  return {
    tree,
    type,
    run: applied(
      work,
      args.map(({ run }) => run),
    ),
    work: args.reduce((sum, argument) => sum + argument.work, 2),
  };
}

function applied(work: Work, [first, second, third]: readonly Run[]): Run {
  if (first === undefined) return (_, frame) => work(frame, undefined, undefined, undefined);
  if (second === undefined) return (v, frame) => work(frame, first(v, frame), undefined, undefined);
  if (third === undefined) return (v, frame) => work(frame, first(v, frame), second(v, frame), undefined);
  return (v, frame) => work(frame, first(v, frame), second(v, frame), third(v, frame));
}
