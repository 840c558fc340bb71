/**
 * Whether a terminal shows more than ASCII, as far as the environment says: the locale's character set elsewhere, the
 * program around it on Windows.
 */
export function showsUnicode(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: string = process.platform,
): boolean {
  if (platform === "win32") {
    return env["WT_SESSION"] !== undefined || env["TERM_PROGRAM"] !== undefined || env["TERM"] !== undefined;
  }
  // The first that is set counts; an empty one is as if it were not.
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find((value) => (value ?? "") !== "");
  return locale !== undefined && /utf-?8/i.test(locale);
}
