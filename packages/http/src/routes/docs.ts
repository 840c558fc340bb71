import { docsPage, docsPolicy } from "../docs-page/docs-page.ts";
import type { Route } from "../server/route.ts";

const headers: readonly string[] = [
  "content-security-policy",
  docsPolicy,
  "referrer-policy",
  "no-referrer",
  "cross-origin-opener-policy",
  "same-origin",
  "cache-control",
  "no-cache",
];

/** A page for people. It has no data itself; where the service has tokens it asks for one, and says so by its status. */
export const docsRoute: Route = {
  method: "GET",
  path: "/docs",
  of: "service",
  scope: "open",
  isWork: false,
  handle: ({ service }) => {
    const isSecured = service.options.tokens !== undefined;
    return {
      status: isSecured ? 401 : 200,
      contentType: "text/html; charset=utf-8",
      headers: isSecured ? [...headers, "www-authenticate", "Bearer"] : headers,
      body: docsPage,
    };
  },
};
