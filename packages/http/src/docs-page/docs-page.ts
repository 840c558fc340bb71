import { createHash } from "node:crypto";
import { pageHtml, pageScript, pageStyle } from "./page-text.ts";

/** The page at `/docs`, the same for all services: it asks the service that it comes from what there is. */
export const docsPage: string = pageHtml
  // By functions: a text would have `$&` and the like read as something else.
  .replace("/* style */", () => pageStyle)
  .replace("/* script */", () => pageScript);

/**
 * The page may run its own script and style, which are named by their hashes, and ask its own service. Nothing else is
 * run, loaded, framed or sent, whatever gets into it; and text cannot be made markup by any function of the browser.
 */
export const docsPolicy: string = [
  "default-src 'none'",
  `script-src ${hashOf(pageScript)}`,
  `style-src ${hashOf(pageStyle)}`,
  "img-src data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
