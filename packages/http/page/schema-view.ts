import { findByPointer } from "../src/openapi/find-by-pointer.ts";
import { schemaRows } from "../src/docs-page/schema-rows.ts";
import { element } from "./element.ts";
import { jsonView } from "./json-view.ts";

/** A schema as a table, and as it is. */
export function schemaView(title: string, reference: string, document: unknown): HTMLElement {
  const schema = findByPointer(document, reference);
  const shown = schemaRows(schema, (other) => findByPointer(document, other));
  const rows = shown.map((row) => {
    const name = element("td", { class: "mono" });
    name.style.setProperty("--depth", String(Math.min(row.depth, 8)));
    name.append(element("span", { class: row.isRequired ? "required" : undefined }, row.name));
    return element(
      "tr",
      {},
      name,
      element(
        "td",
        {},
        element("span", { class: "type mono" }, row.type),
        row.notes.length > 0 && element("small", { class: "mono" }, row.notes.join(", ")),
        row.description !== undefined && element("small", {}, row.description),
      ),
    );
  });
  return element(
    "section",
    { class: "card", "aria-label": title },
    element(
      "div",
      { class: "bar" },
      element("h3", {}, title),
      shown.some(({ isRequired }) => isRequired) && element("small", { class: "legend end" }, "required"),
    ),
    element("table", { class: "schema" }, element("tbody", {}, ...rows)),
    element("details", {}, element("summary", {}, "JSON Schema"), jsonView(schema)),
  );
}
