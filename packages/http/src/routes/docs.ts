import { docsPage } from "../docs-page/docs-page.ts";
import type { Route } from "../server/route.ts";

/** A page for people. It has no data itself; where the service has tokens it asks for one, and says so by its status. */
export const docsRoute: Route = {
  name: "docs",
  method: "GET",
  path: "/docs",
  of: "service",
  scope: "open",
  isWork: false,
  handle: ({ service }) => {
    const { text, policy } = docsPage();
    const isSecured = service.options.tokens !== undefined;
    const headers = [
      ...["content-security-policy", policy],
      ...["referrer-policy", "no-referrer"],
      ...["cross-origin-opener-policy", "same-origin"],
      ...["cache-control", "no-cache"],
      ...(isSecured ? ["www-authenticate", "Bearer"] : []),
    ];
    return { status: isSecured ? 401 : 200, contentType: "text/html; charset=utf-8", headers, body: text };
  },
};
