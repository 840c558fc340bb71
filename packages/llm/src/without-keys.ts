import { redactText } from "@atomic-agents/core";

/** How the keys of services begin, also where some of their signs are masked. */
const keyLike =
  /\b(?:(?:sk|pk|rk|gsk|xai|pplx|hf|r8|ghp|key)[-_][\w*-]{8,}|AIza[\w-]{20,}|AKIA[A-Z\d]{12,}|(?<![\w-])eyJ[\w-]{8,}\.[\w.-]{8,})/g;

/** A key of any form, behind words that say it is one. */
const saidKey =
  /\b((?:x[-_])?(?:api|access|secret)[-_ ]?key(?: provided)?|bearer|authorization|(?:access|api|auth)[-_ ]?token)(["']?(?:\s*[:=]\s*|\s+)["']?(?:bearer\s+|basic\s+)?)([\w.~+/*-]{8,}=*)/gi;

/**
 * A text without the secrets that are known, and without what looks like a key: servers repeat those that they refuse.
 * What has no digit and no mask is taken for a word.
 */
export function withoutKeys(text: string): string {
  return redactText(text)
    .replaceAll(keyLike, "[redacted]")
    .replaceAll(saidKey, (all: string, name: string, between: string, key: string) =>
      /[\d*]/.test(key) ? `${name}${between}[redacted]` : all,
    );
}
