import type { Compiled, Compiler } from "./compiled.ts";
import type { CallSite, FunctionDefinition } from "./function-definition.ts";
import type { Frame } from "./frame.ts";
import { kinds } from "./kinds.ts";
import { exact, numberFrom, round } from "./numbers.ts";
import { integerType, numberType, type Type, unionOf } from "./type.ts";
import { spendText } from "./values.ts";

const number = { name: "number", kinds: kinds.number };

function toWhole(name: string, work: (value: number) => number): FunctionDefinition {
  return {
    name,
    parameters: [number],
    type: () => integerType,
    // Adding 0 makes 0 of -0.
    make: (site) => (_, first) => work(site.number(first)) + 0,
  };
}

const abs: FunctionDefinition = {
  name: "abs",
  parameters: [number],
  type: ([first]) => (isWhole(first?.type) ? integerType : numberType),
  make: (site) => (_, first) => Math.abs(site.number(first)),
};

function isWhole(type: Type | undefined): boolean {
  return type !== undefined && (type.kinds & kinds.fraction) === 0;
}

const roundFunction: FunctionDefinition = {
  name: "round",
  parameters: [number, { name: "digits", kinds: kinds.number, isOptional: true }],
  type: ([, digits]) => (digits === undefined ? integerType : numberType),
  make: (site) => (frame, first, second) => {
    if (second === undefined) return round(site.number(first), 0);
    // It may go by way of text.
    site.spend(frame, 10);
    return round(site.number(first), site.whole(second, "how many digits", 0, 15));
  },
};

/** The numbers of a list, and of several arguments in place of one. */
function numbersOf(
  site: CallSite,
  frame: Frame,
  first: unknown,
  second: unknown,
  third: unknown,
): readonly unknown[] {
  if (second !== undefined) return third === undefined ? [first, second] : [first, second, third];
  if (typeof first === "number") return [first];
  const list = site.list(first);
  site.spend(frame, list.length);
  return list;
}

function elementsType(args: readonly Compiled[]): Type {
  const all = unionOf(args.flatMap(({ type }) => (type.kinds & kinds.list ? [type.items, type] : [type])));
  return (all.kinds & kinds.fraction) === 0 ? integerType : numberType;
}

const listOrNumber = { name: "listOrNumber", kinds: kinds.list | kinds.number };
const more = { name: "number", kinds: kinds.number, isOptional: true };

function extreme(name: "min" | "max"): FunctionDefinition {
  const isBetter: (a: number, b: number) => boolean = name === "min" ? (a, b) => a < b : (a, b) => a > b;
  return {
    name,
    parameters: [listOrNumber, more, more],
    type: (args, compiler) => {
      if (args.length > 1) for (const each of args) compiler.need(each, kinds.number, name);
      checkElements(args, compiler, name);
      return elementsType(args);
    },
    make: (site) => (frame, first, second, third) => {
      let best: number | undefined;
      const all = numbersOf(site, frame, first, second, third);
      for (let index = 0; index < all.length; index++) {
        const value = site.number(all[index]);
        if (best === undefined || isBetter(value, best)) best = value;
      }
      if (best === undefined) {
        throw site.failure(`the list is empty, and has no ${name}`, "ask size(…) > 0 before");
      }
      return best;
    },
  };
}

function checkElements(args: readonly Compiled[], compiler: Compiler, name: string): void {
  const [first] = args;
  if (args.length !== 1 || first === undefined || (first.type.kinds & kinds.list) === 0) return;
  const items = first.type.only(kinds.list).items;
  if (items.kinds !== 0 && (items.kinds & kinds.number) === 0) {
    throw compiler.refuse(first.tree, `${name} takes a list of numbers`);
  }
}

const sum: FunctionDefinition = {
  name: "sum",
  parameters: [{ name: "list", kinds: kinds.list }],
  type: (args, compiler) => {
    checkElements(args, compiler, "sum");
    const items = args[0]?.type.only(kinds.list).items;
    return isWhole(items) ? integerType : numberType;
  },
  make: (site) => (frame, first) => {
    const list = site.list(first);
    site.spend(frame, list.length);
    let total = 0;
    for (let index = 0; index < list.length; index++) {
      const value = site.number(list[index]);
      total = exact(total + value, total, value, site);
    }
    return total;
  },
};

/** A number of a number or a text; with a second argument, that for what is none. */
function conversion(
  name: string,
  result: Type,
  convert: (value: number) => number | undefined,
): FunctionDefinition {
  return {
    name,
    parameters: [
      { name: "value", kinds: kinds.any },
      { name: "otherwise", kinds: kinds.any, isOptional: true },
    ],
    type: ([value, otherwise], compiler) => {
      if (otherwise !== undefined) return unionOf([result, otherwise.type]);
      if (value !== undefined) {
        compiler.need(value, kinds.number | kinds.text, name, `or say what to give otherwise: ${name}(…, 0)`);
      }
      return result;
    },
    make: (site) => (frame, first, second) => {
      if (typeof first === "string") spendText(frame, first.length, site);
      const read =
        typeof first === "string" ? numberFrom(first) : typeof first === "number" ? first : undefined;
      const value = read === undefined ? undefined : convert(read);
      if (value !== undefined) return value;
      if (second !== undefined) return second;
      if (read !== undefined)
        throw site.failure(
          "the number is beyond 9007199254740991 (2^53 - 1), up to which whole numbers are exact in JSON",
        );
      if (typeof first !== "string") throw site.wrong(first, kinds.number | kinds.text);
      throw site.failure("the text is no number", `say what to give otherwise: ${name}(…, 0)`);
    },
  };
}

const truncate = (value: number): number | undefined => {
  const whole = Math.trunc(value) + 0;
  return Number.isSafeInteger(whole) ? whole : undefined;
};

export const numberFunctions: readonly FunctionDefinition[] = [
  roundFunction,
  toWhole("floor", Math.floor),
  toWhole("ceil", Math.ceil),
  abs,
  extreme("min"),
  extreme("max"),
  sum,
  conversion("int", integerType, truncate),
  conversion("number", numberType, (value) => value),
  conversion("double", numberType, (value) => value),
];
