import type { OpenApiDocument } from "../src/openapi/build-open-api.ts";
import { element } from "./element.ts";

const methods = ["get", "post", "delete"] as const;

/** A path that is broken after its slashes first. */
function breakable(path: string): readonly (string | HTMLElement)[] {
  return path.split(/(?<=\/)/).flatMap((part, index) => (index === 0 ? [part] : [element("wbr"), part]));
}

/** Every route of the service. */
export function routesView({ paths, info }: OpenApiDocument): readonly HTMLElement[] {
  const rows = Object.entries(paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method];
      if (operation === undefined) return [];
      const [asked] = operation.security ?? [];
      const scope = asked === undefined ? "" : (asked["bearer"]?.join(", ") ?? "") || "any token";
      return element(
        "tr",
        {},
        element("td", { class: "mono" }, method.toUpperCase()),
        element("td", { class: "mono" }, ...breakable(path)),
        element("td", {}, operation.summary),
        element("td", { class: "quiet" }, scope),
      );
    }),
  );
  const isSecured = paths["/openapi.json"]?.["get"]?.security !== undefined;
  const heads = ["Method", "Path", "What it does", ...(isSecured ? ["Scope"] : [])].map((text) =>
    element("th", { scope: "col" }, text),
  );
  return [
    element("h2", {}, "Routes"),
    element(
      "p",
      { class: "description" },
      `All that this service answers. As data, for code generators and other tools (${info.title}, OpenAPI 3.1): `,
      // A browser sends no token where a link leads.
      isSecured ? "/openapi.json" : element("a", { href: "openapi.json" }, "openapi.json"),
    ),
    element(
      "table",
      { class: "routes" },
      element("thead", {}, element("tr", {}, ...heads)),
      element("tbody", {}, ...rows),
    ),
  ];
}
