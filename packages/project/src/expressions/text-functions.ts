import type { CallSite, FunctionDefinition, Parameter } from "./function-definition.ts";
import type { Frame } from "./frame.ts";
import { kinds } from "./kinds.ts";
import { limits } from "./limits.ts";
import { compilePattern } from "./pattern.ts";
import { finder, placesOf, unitAt } from "./text-search.ts";
import { booleanType, listOf, textType, type Type } from "./type.ts";
import { spendText } from "./values.ts";
import { includes, tooLong } from "./operators.ts";

const text = (name = "text"): Parameter => ({ name, kinds: kinds.text });

/** A function of one text that gives a text. */
function change(name: string, work: (value: string) => string): FunctionDefinition {
  return {
    name,
    parameters: [text()],
    type: () => textType,
    make: (site) => (frame, first) => {
      const value = site.string(first);
      spendText(frame, value.length, site);
      return work(value);
    },
  };
}

/** A question about a text and a part of it. */
function ask(name: string, work: (value: string, part: string) => boolean): FunctionDefinition {
  return {
    name,
    parameters: [text(), text("part")],
    type: () => booleanType,
    make: (site) => (frame, first, second) => {
      const part = site.string(second);
      spendText(frame, part.length, site);
      return work(site.string(first), part);
    },
  };
}

const contains: FunctionDefinition = {
  name: "contains",
  parameters: [
    { name: "textOrList", kinds: kinds.text | kinds.list },
    { name: "part", kinds: kinds.any },
  ],
  type: ([whole, part], compiler) => {
    if (whole !== undefined && part !== undefined && (whole.type.kinds & kinds.list) === 0) {
      compiler.need(part, kinds.text, "contains");
    }
    return booleanType;
  },
  make: (site) => (frame, first, second) => {
    if (Array.isArray(first)) return includes(first, second, frame, site);
    if (typeof first !== "string") throw site.wrong(first, kinds.text | kinds.list);
    const part = site.string(second);
    spendText(frame, first.length + part.length, site);
    return finder(part)(first, 0) >= 0;
  },
};

function places(frame: Frame, value: string, part: string, site: CallSite): readonly number[] {
  spendText(frame, value.length + part.length, site);
  const found = placesOf(value, part);
  site.spend(frame, found.length * 2);
  return found;
}

const replace: FunctionDefinition = {
  name: "replace",
  parameters: [text(), text("part"), text("by")],
  type: () => textType,
  make: (site) => (frame, first, second, third) => {
    const value = site.string(first);
    const part = site.string(second);
    const by = site.string(third);
    if (part === "") throw site.failure("replace: the part to replace is empty");
    const found = places(frame, value, part, site);
    const length = value.length + found.length * (by.length - part.length);
    if (length > limits.textLength) throw tooLong(site);
    spendText(frame, length, site);
    let made = "";
    let from = 0;
    for (const at of found) {
      made += value.slice(from, at) + by;
      from = at + part.length;
    }
    return made + value.slice(from);
  },
};

const split: FunctionDefinition = {
  name: "split",
  parameters: [text(), text("separator")],
  type: () => listOf(textType),
  make: (site) => (frame, first, second) => {
    const value = site.string(first);
    const separator = site.string(second);
    if (separator === "") {
      site.spend(frame, value.length);
      return [...value];
    }
    const parts: string[] = [];
    let from = 0;
    for (const at of places(frame, value, separator, site)) {
      parts.push(value.slice(from, at));
      from = at + separator.length;
    }
    parts.push(value.slice(from));
    return parts;
  },
};

const join: FunctionDefinition = {
  name: "join",
  parameters: [
    { name: "list", kinds: kinds.list },
    { ...text("separator"), isOptional: true },
  ],
  type: ([list], compiler) => {
    const items = list?.type.only(kinds.list).items;
    if (list !== undefined && items !== undefined && items.kinds !== 0 && (items.kinds & kinds.text) === 0) {
      const made = `${compiler.text(list.tree)}.map(x, string(x))`;
      throw compiler.refuse(list.tree, "join takes a list of texts", `write join(${made}, …)`);
    }
    return textType;
  },
  make: (site) => (frame, first, second) => {
    const list = site.list(first);
    const separator = second === undefined ? "" : site.string(second);
    site.spend(frame, list.length);
    let length = separator.length * Math.max(0, list.length - 1);
    const parts: string[] = [];
    for (let index = 0; index < list.length; index++) {
      const item = list[index];
      if (typeof item !== "string") {
        throw site.failure("join takes a list of texts", "make texts of the others: list.map(x, string(x))");
      }
      length += item.length;
      parts.push(item);
    }
    if (length > limits.textLength) throw tooLong(site);
    spendText(frame, length, site);
    return parts.join(separator);
  },
};

const substring: FunctionDefinition = {
  name: "substring",
  parameters: [
    text(),
    { name: "from", kinds: kinds.number },
    { name: "to", kinds: kinds.number, isOptional: true },
  ],
  type: () => textType,
  make: (site) => (frame, first, second, third) => {
    const value = site.string(first);
    const from = site.whole(second, "where it begins", 0, Number.MAX_SAFE_INTEGER);
    const to =
      third === undefined
        ? Number.MAX_SAFE_INTEGER
        : site.whole(third, "where it ends", from, Number.MAX_SAFE_INTEGER);
    spendText(frame, value.length * 2, site);
    const start = unitAt(value, from);
    return value.slice(start, start + unitAt(value.slice(start), to - from));
  },
};

const matches: FunctionDefinition = {
  name: "matches",
  parameters: [text(), text("pattern")],
  type: (): Type => booleanType,
  make: (site, [, pattern], compiler) => {
    const literal = pattern?.tree;
    if (literal?.kind !== "literal" || typeof literal.value !== "string") {
      throw compiler.refuse(
        literal ?? site.span,
        "the pattern of matches has to be written out, so that it can be checked before anything runs",
        "for a part of a text that is worked out: contains(text, part)",
      );
    }
    const compiled = compilePattern(literal.value, (message, hint) =>
      compiler.refuse(literal, `the pattern ${message}`, hint),
    );
    return (frame, first) => {
      const value = site.string(first);
      return compiled.test(value, (work) => site.spend(frame, work));
    };
  },
};

export const textFunctions: readonly FunctionDefinition[] = [
  change("lower", (value) => value.toLowerCase()),
  change("upper", (value) => value.toUpperCase()),
  change("trim", (value) => value.trim()),
  ask("startsWith", (value, part) => value.startsWith(part)),
  ask("endsWith", (value, part) => value.endsWith(part)),
  contains,
  matches,
  replace,
  split,
  join,
  substring,
];
