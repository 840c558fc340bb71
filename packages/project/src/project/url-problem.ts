import type { ProblemParts } from "../files/text-document.ts";

/** What is wrong with an address in a project file; undefined when nothing is. */
export function urlProblem(text: string): ProblemParts | undefined {
  const url = URL.parse(text);
  const wrong = (message: string, hint: string): ProblemParts => ({ code: "wrong-value", message, hint });
  if (url === null) {
    return wrong(`${JSON.stringify(text)} is no address`, "Write it whole, such as https://example.com/api.");
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return wrong(`The address begins with ${url.protocol}`, "Only http: and https: are taken.");
  }
  if (url.username !== "" || url.password !== "") {
    return wrong(
      "The address holds a user or password",
      "Put it into a header: authorization: { env: NAME }.",
    );
  }
  return undefined;
}
