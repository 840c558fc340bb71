import { redactText } from "@atomic-agents/core";

/** How the keys of services begin, also where some of their signs are masked. */
const keyLike =
  /\b(?:(?:sk|pk|rk|gsk|xai|pplx|hf|r8|ghp|key)[-_][\w*-]{8,}|AIza[\w-]{20,}|AKIA[A-Z\d]{12,}|(?<![\w-])eyJ[\w-]{8,}\.[\w.-]{8,})/g;

/** A key of any form, behind words that say it is one. */
const saidKey =
  /\b((?:x[-_])?(?:api|access|secret)[-_ ]?key(?: provided)?|bearer|authorization|(?:access|api|auth)[-_ ]?token)(["']?(?:\s*[:=]\s*|\s+)["']?(?:bearer\s+|basic\s+)?)([\w.~+/*-]{8,}=*)/gi;

/** Servers may say more than there is room for on the stack of regular expressions; nobody is shown as much. */
const maxChars = 20_000;

/**
 * A text without the secrets that are known, and without what looks like a key: servers repeat those that they refuse.
 * What has no digit and no mask is taken for a word. A text that is longer than 20,000 characters is cut.
 */
export function withoutKeys(text: string): string {
  return redactText(startOf(text))
    .replaceAll(keyLike, "[redacted]")
    .replaceAll(saidKey, (all: string, name: string, between: string, key: string) =>
      /[\d*]/.test(key) ? `${name}${between}[redacted]` : all,
    );
}

/** The beginning of a long text; the word in which it is cut may be the half of a key, and is left out. */
function startOf(text: string): string {
  return text.length <= maxChars ? text : text.slice(0, maxChars).replace(/\S+$/, "…");
}
