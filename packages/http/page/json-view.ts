import { element } from "./element.ts";

/** More than this is shown without colours, which cost an element each. */
const mostColoured = 100_000;
const mostShown = 2_000_000;

const token = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)/g;

/** JSON, indented and coloured. */
export function jsonView(value: unknown): HTMLPreElement {
  const text = value === undefined ? "" : JSON.stringify(value, undefined, 2);
  const made = element("pre", { tabindex: 0 });
  if (text.length > mostColoured) {
    const rest = text.length - mostShown;
    made.append(text.slice(0, mostShown), ...(rest > 0 ? [`\n… and ${rest} characters more`] : []));
    return made;
  }
  let end = 0;
  for (const match of text.matchAll(token)) {
    const [all, string, colon, number] = match;
    made.append(text.slice(end, match.index));
    const kind =
      string === undefined
        ? number === undefined
          ? "word"
          : "number"
        : colon === undefined
          ? "string"
          : "key";
    made.append(element("span", { class: `json-${kind}` }, string ?? all), colon ?? "");
    end = match.index + all.length;
  }
  made.append(text.slice(end));
  return made;
}
