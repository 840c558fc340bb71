import type { FunctionDefinition } from "./function-definition.ts";
import { kinds, kindOf, schemaTypes } from "./kinds.ts";
import { characterCount } from "./text-search.ts";
import { booleanType, countType, listOf, textType, valuesType } from "./type.ts";
import { isObject, spendText, workPerKey } from "./values.ts";

const sized = kinds.text | kinds.list | kinds.object;

const size: FunctionDefinition = {
  name: "size",
  parameters: [{ name: "value", kinds: sized }],
  type: () => countType,
  make: (site) => (frame, first) => {
    if (typeof first === "string") {
      spendText(frame, first.length, site);
      return characterCount(first);
    }
    if (Array.isArray(first)) return first.length;
    if (!isObject(first)) throw site.wrong(first, sized);
    const { length } = Object.keys(first);
    site.spend(frame, length * workPerKey);
    return length;
  },
};

const keys: FunctionDefinition = {
  name: "keys",
  parameters: [{ name: "object", kinds: kinds.object }],
  type: () => listOf(textType),
  make: (site) => (frame, first) => {
    const names = Object.keys(site.object(first));
    site.spend(frame, names.length * workPerKey);
    return names;
  },
};

const writable = kinds.text | kinds.number | kinds.boolean;

const string: FunctionDefinition = {
  name: "string",
  parameters: [{ name: "value", kinds: writable }],
  type: () => textType,
  make: (site) => (_, first) => {
    if (typeof first === "string") return first;
    if (typeof first === "number" || typeof first === "boolean") return String(first);
    throw site.wrong(first, writable);
  },
};

const bool: FunctionDefinition = {
  name: "bool",
  parameters: [{ name: "value", kinds: kinds.boolean | kinds.text }],
  type: () => booleanType,
  make: (site) => (_, first) => {
    if (typeof first === "boolean") return first;
    if (typeof first !== "string") throw site.wrong(first, kinds.boolean | kinds.text);
    if (first === "true" || first === "True" || first === "TRUE") return true;
    if (first === "false" || first === "False" || first === "FALSE") return false;
    throw site.failure('the text is neither "true" nor "false"');
  },
};

const type: FunctionDefinition = {
  name: "type",
  parameters: [{ name: "value", kinds: kinds.any }],
  type: ([value]) => {
    const set = value === undefined || value.type.kinds === 0 ? kinds.any : value.type.kinds;
    return valuesType(schemaTypes(set & kinds.number ? set | kinds.number : set));
  },
  // A value that was let in has a sort.
  make: () => (_, first) => (typeof first === "number" ? "number" : (schemaTypes(kindOf(first))[0] ?? "")),
};

const sort: FunctionDefinition = {
  name: "sort",
  parameters: [{ name: "list", kinds: kinds.list }],
  type: ([list], compiler) => {
    const items = list?.type.only(kinds.list).items;
    if (
      list !== undefined &&
      items !== undefined &&
      items.kinds !== 0 &&
      (items.kinds & (kinds.number | kinds.text)) === 0
    ) {
      throw compiler.refuse(list.tree, "sort takes a list of numbers or of texts");
    }
    return items === undefined ? listOf(textType) : listOf(items.only(kinds.number | kinds.text));
  },
  make: (site) => (frame, first) => {
    const list = site.list(first);
    const numbers: number[] = [];
    const texts: string[] = [];
    let longest = 0;
    for (let index = 0; index < list.length; index++) {
      const item = list[index];
      if (typeof item === "string") {
        texts.push(item);
        longest = Math.max(longest, item.length);
      } else numbers.push(site.number(item));
    }
    if (numbers.length > 0 && texts.length > 0) {
      throw site.failure("sort takes a list of numbers, or one of texts, not both");
    }
    site.spend(frame, Math.ceil(list.length * (1 + Math.log2(list.length + 1)) * (1 + longest / 64)));
    return texts.length > 0
      ? texts.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
      : numbers.sort((a, b) => a - b);
  },
};

export const valueFunctions: readonly FunctionDefinition[] = [size, keys, string, bool, type, sort];
