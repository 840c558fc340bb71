import type { Compiled, Compiler, Run, Scope } from "./compiled.ts";
import type { Frame } from "./frame.ts";
import { kinds } from "./kinds.ts";
import { limits } from "./limits.ts";
import { toBoolean } from "./logic.ts";
import type { Tree } from "./tree.ts";
import { booleanType, listOf, textType, type Type, unionOf } from "./type.ts";
import { factsOf, withFacts } from "./facts.ts";
import { admit, isObject, sortOf, workPerKey } from "./values.ts";

type Call = Extract<Tree, { readonly kind: "call" }>;

/** How the macros are written: with a name for the element. */
export const macroUsage: Readonly<Record<string, string>> = {
  all: "list.all(x, condition)",
  exists: "list.exists(x, condition)",
  exists_one: "list.exists_one(x, condition)",
  filter: "list.filter(x, condition)",
  map: "list.map(x, value), or list.map(x, condition, value)",
};

/** `list.map(x, …)` and its like: something for each element of a list, or each key of an object. */
export function compileMacro(compiler: Compiler, tree: Call, scope: Scope): Compiled {
  const { name, receiver, args } = tree;
  const [variable, ...rest] = args;
  const usage = macroUsage[name] ?? name;
  if (
    receiver === undefined ||
    variable === undefined ||
    rest.length < 1 ||
    rest.length > (name === "map" ? 2 : 1)
  ) {
    throw compiler.refuse(tree.nameSpan, `${name} is written ${usage}`);
  }
  if (variable.kind !== "name") {
    throw compiler.refuse(
      variable,
      "the first argument has to be a name of your choice for each element",
      `as in ${usage}`,
    );
  }
  if (compiler.variables.has(variable.name) || scope.locals.has(variable.name)) {
    throw compiler.refuse(variable, `${variable.name} is a variable already`, "choose another name");
  }
  if (scope.macros >= limits.nestedMacros) {
    throw compiler.refuse(
      tree.nameSpan,
      `${name} stands in ${scope.macros} other functions that go through a list; at most ${limits.nestedMacros - 1} is allowed`,
      "do it in an agent, which is code",
    );
  }
  const whole = compiler.compile(receiver, scope);
  compiler.need(whole, kinds.list | kinds.object, name);
  const isOuter = scope.macros === 0;
  const element = unionOf([
    ...(whole.type.kinds & kinds.list ? [whole.type.items] : []),
    ...(whole.type.kinds & kinds.object ? [textType] : []),
  ]);
  const inner: Scope = {
    locals: new Map([...scope.locals, [variable.name, { type: element, isOuter }]]),
    facts: scope.facts,
    macros: scope.macros + 1,
  };
  const first = rest[0] ?? variable;
  const isPlainMap = name === "map" && rest.length === 1;
  const condition = isPlainMap ? undefined : compiler.compile(first, inner);
  const value = isPlainMap
    ? compiler.compile(first, inner)
    : rest[1] === undefined
      ? undefined
      : compiler.compile(rest[1], withFacts(inner, factsOf(first, true)));
  if (name === "map") compiler.measure(Number.POSITIVE_INFINITY);
  const loop: Loop = {
    whole: whole.run,
    each: eachOf(compiler, tree, isOuter, 1 + (condition?.work ?? 0) + (value?.work ?? 0)),
    condition:
      condition === undefined ? undefined : toBoolean(compiler, condition, `the condition of ${name}`),
    value: value?.run,
  };
  return { tree, ...macroOf(name, loop, element, value?.type), work: whole.work + 1 };
}

interface Loop {
  readonly whole: Run;
  readonly each: (value: unknown, frame: Frame, visit: (item: unknown) => boolean) => void;
  readonly condition: Run | undefined;
  readonly value: Run | undefined;
}

/** Visits the elements until `visit` says false. */
function eachOf(compiler: Compiler, tree: Call, isOuter: boolean, work: number): Loop["each"] {
  const site = compiler.site(tree);
  return (value, frame, visit) => {
    if (!Array.isArray(value) && !isObject(value)) {
      throw site.failure(`${tree.name} goes through a list or the keys of an object, not ${sortOf(value)}`);
    }
    const items: readonly unknown[] = Array.isArray(value) ? value : Object.keys(value);
    if (items !== value) site.spend(frame, items.length * workPerKey);
    for (let index = 0; index < items.length; index++) {
      site.spend(frame, work);
      const item = admit(items[index], site);
      if (isOuter) frame.outer = item;
      else frame.inner = item;
      if (!visit(item)) return;
    }
  };
}

function macroOf(
  name: string,
  { whole, each, condition = () => true, value }: Loop,
  element: Type,
  type: Type | undefined,
): { readonly type: Type; readonly run: Run } {
  switch (name) {
    case "all":
    case "exists": {
      const wanted = name === "exists";
      return {
        type: booleanType,
        run: (variables, frame) => {
          let result = !wanted;
          each(whole(variables, frame), frame, () => {
            if (condition(variables, frame) === wanted) result = wanted;
            return result !== wanted;
          });
          return result;
        },
      };
    }
    case "exists_one":
      return {
        type: booleanType,
        run: (variables, frame) => {
          let count = 0;
          each(whole(variables, frame), frame, () => {
            if (condition(variables, frame) === true) count++;
            return true;
          });
          return count === 1;
        },
      };
    default:
      return {
        type: listOf(type ?? element),
        run: (variables, frame) => {
          const made: unknown[] = [];
          each(whole(variables, frame), frame, (item) => {
            if (condition(variables, frame) === true) {
              made.push(value === undefined ? item : value(variables, frame));
            }
            return true;
          });
          return made;
        },
      };
  }
}
