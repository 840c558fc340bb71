import { closest } from "../closest.ts";
import type { Compiled, Compiler, Run, Scope, Site } from "./compiled.ts";
import type { Frame } from "./frame.ts";
import { inWords, kinds } from "./kinds.ts";
import { limits } from "./limits.ts";
import { exact } from "./numbers.ts";
import type { BinaryOperator, Tree } from "./tree.ts";
import {
  booleanType,
  integerType,
  listOf,
  numberType,
  textType,
  type Type,
  typeInWords,
  unionOf,
} from "./type.ts";
import { areEqual, isObject, sortOf, spendText } from "./values.ts";

type Binary = Extract<Tree, { readonly kind: "binary" }>;

export function compileBinary(compiler: Compiler, tree: Binary, scope: Scope): Compiled {
  const left = compiler.compile(tree.left, scope);
  const right = compiler.compile(tree.right, scope);
  const { type, run } = operation(compiler, tree, left, right);
  return { tree, type, run, work: left.work + right.work + 1 };
}

interface Operation {
  readonly type: Type;
  readonly run: Run;
}

function operation(compiler: Compiler, tree: Binary, left: Compiled, right: Compiled): Operation {
  switch (tree.operator) {
    case "==":
    case "!=":
      return equality(compiler, tree, left, right);
    case "in":
      return membership(compiler, tree, left, right);
    case "<":
    case "<=":
    case ">":
    case ">=":
      return comparison(compiler, tree, tree.operator, left, right);
    case "+":
      return addition(compiler, tree, left, right);
    case "-":
    case "*":
    case "/":
    case "%":
      return arithmetic(compiler, tree, tree.operator, left, right);
  }
}

function arithmetic(
  compiler: Compiler,
  tree: Binary,
  operator: "-" | "*" | "/" | "%",
  left: Compiled,
  right: Compiled,
): Operation {
  for (const operand of [left, right]) {
    const isText = (operand.type.kinds & (kinds.number | kinds.text)) === kinds.text;
    const hint = isText ? `write number(${compiler.text(operand.tree)})` : undefined;
    compiler.need(operand, kinds.number, `"${operator}"`, hint);
  }
  if ((operator === "/" || operator === "%") && right.type.values?.every((value) => value === 0) === true) {
    throw compiler.refuse(tree, "this divides by zero");
  }
  const areWhole = isWhole(left.type) && isWhole(right.type);
  const type = areWhole && operator !== "/" ? integerType : numberType;
  const site = compiler.site(tree);
  const a = left.run;
  const b = right.run;
  const checked =
    (work: (x: number, y: number) => number): Run =>
    (variables, frame) => {
      const x = a(variables, frame);
      const y = b(variables, frame);
      if (typeof x !== "number" || typeof y !== "number") throw mismatch(site, operator, x, y);
      return work(x, y);
    };
  switch (operator) {
    case "-":
      return { type, run: checked((x, y) => exact(x - y, x, y, site)) };
    case "*":
      // Adding 0 makes 0 of -0.
      return { type, run: checked((x, y) => exact(x * y, x, y, site) + 0) };
    case "/":
      return {
        type,
        run: checked((x, y) => {
          if (y === 0) throw site.failure("this divides by zero");
          return exact(x / y, x, 0.5, site) + 0;
        }),
      };
    case "%":
      return {
        type,
        run: checked((x, y) => {
          if (y === 0) throw site.failure("this divides by zero");
          return (x % y) + 0;
        }),
      };
  }
}

function isWhole(type: Type): boolean {
  return (type.kinds & kinds.fraction) === 0;
}

function mismatch(site: Site, operator: string, x: unknown, y: unknown): Error {
  const isText = typeof x === "string" || typeof y === "string";
  const verbs: Readonly<Record<string, string>> = { "+": "add", "-": "subtract", "*": "multiply" };
  const verb = verbs[operator] ?? "divide";
  return site.failure(
    `cannot ${verb} ${sortOf(x)} and ${sortOf(y)}`,
    operator === "+" && isText
      ? "make a text of the other by string(…), or a number of the text by number(…)"
      : undefined,
  );
}

const addable = [kinds.number, kinds.text, kinds.list] as const;

function addition(compiler: Compiler, tree: Binary, left: Compiled, right: Compiled): Operation {
  const all = kinds.number | kinds.text | kinds.list;
  const { kinds: l } = left.type;
  const { kinds: r } = right.type;
  const common = addable.filter((set) => l & set && r & set);
  if (l !== 0 && r !== 0 && common.length === 0) throw unaddable(compiler, tree, left, right);
  const set = common.reduce((sum, each) => sum | each, 0);
  compiler.need(left, l === kinds.any || r === kinds.any ? all : set, '"+"');
  compiler.need(right, l === kinds.any || r === kinds.any ? all : set, '"+"');
  const types = [
    ...(set & kinds.number
      ? [
          isWhole(left.type.only(kinds.number)) && isWhole(right.type.only(kinds.number))
            ? integerType
            : numberType,
        ]
      : []),
    ...(set & kinds.text ? [textType] : []),
    ...(set & kinds.list
      ? [listOf(unionOf([left.type.only(kinds.list).items, right.type.only(kinds.list).items]))]
      : []),
  ];
  const site = compiler.site(tree);
  const a = left.run;
  const b = right.run;
  const run: Run = (variables, frame) => {
    const x = a(variables, frame);
    const y = b(variables, frame);
    if (typeof x === "number" && typeof y === "number") return exact(x + y, x, y, site);
    if (typeof x === "string" && typeof y === "string") return joined(x, y, frame, site);
    if (!Array.isArray(x) || !Array.isArray(y)) throw mismatch(site, "+", x, y);
    site.spend(frame, x.length + y.length);
    return joinedLists(x, y);
  };
  return { type: unionOf(types), run };
}

/** By their indexes: what else an array may have on it is not asked. */
function joinedLists(x: readonly unknown[], y: readonly unknown[]): readonly unknown[] {
  const made: unknown[] = [];
  for (const list of [x, y]) for (let index = 0; index < list.length; index++) made.push(list[index]);
  return made;
}

function joined(x: string, y: string, frame: Frame, site: Site): string {
  const length = x.length + y.length;
  if (length > 1024) {
    if (length > limits.textLength) throw tooLong(site);
    // The engine copies when somebody looks at the characters, who pays for it.
    spendText(frame, length / 16, site);
  }
  return x + y;
}

export function tooLong(site: Site): Error {
  return site.failure(`the text would have more than ${limits.textLength.toLocaleString("en")} characters`);
}

function unaddable(compiler: Compiler, tree: Binary, left: Compiled, right: Compiled): Error {
  const other = [left, right].find((operand) => (operand.type.kinds & kinds.text) === 0);
  const isText = [left, right].some((operand) => operand.type.kinds & kinds.text);
  const canBeText = other !== undefined && other.type.kinds & (kinds.number | kinds.boolean);
  return compiler.refuse(
    tree,
    `cannot add ${inWords(left.type.kinds)} and ${inWords(right.type.kinds)}`,
    isText && canBeText ? `write string(${compiler.text(other.tree)})` : undefined,
  );
}

function comparison(
  compiler: Compiler,
  tree: Binary,
  operator: "<" | "<=" | ">" | ">=",
  left: Compiled,
  right: Compiled,
): Operation {
  const { kinds: l } = left.type;
  const { kinds: r } = right.type;
  const ordered = [kinds.number, kinds.text].filter((set) => l & set && r & set);
  if (l !== 0 && r !== 0 && ordered.length === 0) {
    const text = [left, right].find(
      (operand) => (operand.type.kinds & (kinds.number | kinds.text)) === kinds.text,
    );
    const hasNumber = (l | r) & kinds.number;
    throw compiler.refuse(
      tree,
      `"${operator}" compares two numbers or two texts, not ${inWords(l)} and ${inWords(r)}`,
      text !== undefined && hasNumber ? `write number(${compiler.text(text.tree)})` : undefined,
    );
  }
  const set =
    l === kinds.any || r === kinds.any ? kinds.number | kinds.text : ordered.reduce((a, b) => a | b, 0);
  compiler.need(left, set, `"${operator}"`);
  compiler.need(right, set, `"${operator}"`);
  const site = compiler.site(tree);
  const a = left.run;
  const b = right.run;
  const checked =
    (numbers: (x: number, y: number) => boolean, texts: (x: string, y: string) => boolean): Run =>
    (variables, frame) => {
      const x = a(variables, frame);
      const y = b(variables, frame);
      if (typeof x === "number" && typeof y === "number") return numbers(x, y);
      if (typeof x !== "string" || typeof y !== "string") {
        throw site.failure(
          `"${operator}" compares two numbers or two texts, not ${sortOf(x)} and ${sortOf(y)}`,
        );
      }
      spendText(frame, Math.min(x.length, y.length), site);
      return texts(x, y);
    };
  const runs: Readonly<Record<typeof operator, Run>> = {
    "<": checked(
      (x, y) => x < y,
      (x, y) => x < y,
    ),
    "<=": checked(
      (x, y) => x <= y,
      (x, y) => x <= y,
    ),
    ">": checked(
      (x, y) => x > y,
      (x, y) => x > y,
    ),
    ">=": checked(
      (x, y) => x >= y,
      (x, y) => x >= y,
    ),
  };
  return { type: booleanType, run: runs[operator] };
}

/** Whole numbers and others can be equal. */
function comparable(set: number): number {
  return set & kinds.number ? set | kinds.number : set;
}

function equality(compiler: Compiler, tree: Binary, left: Compiled, right: Compiled): Operation {
  checkEquality(compiler, tree, tree.operator, left, right);
  const site = compiler.site(tree);
  const a = left.run;
  const b = right.run;
  const isEqual: (variables: Parameters<Run>[0], frame: Frame) => boolean = (variables, frame) => {
    const x = a(variables, frame);
    const y = b(variables, frame);
    return typeof x === "number" || typeof y === "number" ? x === y : areEqual(x, y, frame, site);
  };
  const run: Run = tree.operator === "==" ? isEqual : (variables, frame) => !isEqual(variables, frame);
  return { type: booleanType, run };
}

function checkEquality(
  compiler: Compiler,
  tree: Tree,
  operator: BinaryOperator,
  left: Compiled,
  right: Compiled,
): void {
  const { kinds: l, values: known } = left.type;
  const { kinds: r, values: others } = right.type;
  if (l === 0 || r === 0) return;
  const never = operator === "!=" ? "always true" : "never true";
  if ((comparable(l) & comparable(r)) === 0) {
    const nulled = [left, right].find((operand) => operand.type.kinds === kinds.null);
    if (nulled !== undefined) {
      const other = nulled === left ? right : left;
      compiler.warn(tree, `this is ${never}: ${compiler.text(other.tree)} is never null`);
      return;
    }
    throw compiler.refuse(
      tree,
      `this is ${never}: it compares ${typeInWords(left.type)} with ${typeInWords(right.type)}`,
      conversionHint(compiler, left, right),
    );
  }
  if (known === undefined || others === undefined || known.some((value) => others.includes(value))) return;
  const [side, value] = others.length === 1 ? [left, others[0]] : [right, known[0]];
  const possible = side.type.values ?? [];
  const near =
    typeof value === "string"
      ? closest(
          value,
          possible.filter((each) => typeof each === "string"),
        )
      : undefined;
  compiler.warn(
    tree,
    `this is ${never}: ${compiler.text(side.tree)} is none of these values`,
    near === undefined
      ? `it is one of ${possible
          .slice(0, 10)
          .map((each) => JSON.stringify(each))
          .join(", ")}`
      : `did you mean ${JSON.stringify(near)}?`,
  );
}

function conversionHint(compiler: Compiler, left: Compiled, right: Compiled): string | undefined {
  const text = [left, right].find((operand) => operand.type.kinds === kinds.text);
  if (text === undefined) return;
  const other = text === left ? right : left;
  if ((other.type.kinds & ~kinds.number) === 0 && text.tree.kind === "literal") {
    return `write ${String(text.tree.value)} without quotes, if it is the number that is meant`;
  }
  return (other.type.kinds & ~kinds.number) === 0 ? `write number(${compiler.text(text.tree)})` : undefined;
}

function membership(compiler: Compiler, tree: Binary, left: Compiled, right: Compiled): Operation {
  const isText = (right.type.kinds & (kinds.list | kinds.object | kinds.text)) === kinds.text;
  compiler.need(
    right,
    kinds.list | kinds.object,
    '"in"',
    isText ? `write contains(${compiler.text(right.tree)}, ${compiler.text(left.tree)})` : undefined,
  );
  if ((right.type.kinds & kinds.list) === 0) compiler.need(left, kinds.text, '"in" an object');
  else if ((right.type.kinds & kinds.object) === 0) {
    checkEquality(compiler, tree, "in", left, { ...right, type: right.type.items });
  }
  const site = compiler.site(tree);
  const a = left.run;
  const b = right.run;
  const run: Run = (variables, frame) => {
    const value = a(variables, frame);
    const whole = b(variables, frame);
    if (Array.isArray(whole)) return includes(whole, value, frame, site);
    if (!isObject(whole)) throw site.failure(`"in" looks into a list or an object, not ${sortOf(whole)}`);
    if (typeof value !== "string") throw site.failure(`a key is a text, not ${sortOf(value)}`);
    spendText(frame, value.length, site);
    return Object.hasOwn(whole, value) && whole[value] !== undefined;
  };
  return { type: booleanType, run };
}

export function includes(list: readonly unknown[], value: unknown, frame: Frame, site: Site): boolean {
  site.spend(frame, list.length);
  for (let index = 0; index < list.length; index++) {
    if (areEqual(list[index], value, frame, site)) return true;
  }
  return false;
}
