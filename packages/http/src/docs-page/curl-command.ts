/** A request, as a command for a POSIX shell. The token is a variable in it: it is not to stand in anyone's history. */
export function curlCommand({
  url,
  headers,
  hasToken,
  body,
}: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly hasToken: boolean;
  readonly body: string;
}): string {
  const parts = [
    `curl ${quoted(url)}`,
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(hasToken ? [`-H "authorization: Bearer $ATOMIC_TOKEN"`] : []),
    `--data-raw ${quoted(body)}`,
  ];
  return parts.join(" \\\n  ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
