import { createHash } from "node:crypto";
import { pageHtml, pageScript, pageStyle } from "./page-text.ts";

/** A page, and the policy that it is to be shown under. */
interface DocsPage {
  readonly text: string;
  readonly policy: string;
}

let made: DocsPage | undefined;

/**
 * The page at `/docs`, the same for all services: it asks the service that it comes from what there is. It may run its
 * own script and style, which are named by their hashes, and ask its own service. Nothing else is run, loaded, framed or
 * sent, whatever gets into it; and no function of the browser makes markup of a text.
 */
export function docsPage(): DocsPage {
  made ??= {
    text: pageHtml
      // By functions: in a text, `$&` and the like would be read as something else.
      .replace("/* style */", () => pageStyle)
      .replace("/* script */", () => pageScript),
    policy: [
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
    ].join("; "),
  };
  return made;
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
