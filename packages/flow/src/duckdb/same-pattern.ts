/** What both write alike, and mean alike in texts of ASCII: characters, `\d`, `\w`, plain classes, groups, alternatives, repeats. */
const plain =
  /^(?:[A-Za-z0-9 _:@,;=<>/"'%&#!~-]|\\[dw\-./+*?()[\]{}|^$\\]|\[\^?(?:[A-Za-z0-9 _:@,;=<>/"'%&#!~.+*?(){}|$-]|\\[dw\-./+*?()[\]{}|^$\\])+\]|\((?:\?:|(?!\?))|\)|\||\^|\$|[*+?]|\{\d{1,3}(?:,\d{0,3})?\})*$/;

/**
 * Whether DuckDB's patterns, which are those of RE2, take of texts of ASCII exactly what JavaScript's take. What is not known to be
 * the same, such as a look ahead or `.`, is not.
 */
export function isSamePattern(pattern: string): boolean {
  return plain.test(pattern);
}
