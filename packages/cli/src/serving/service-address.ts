import { UsageError } from "../usage-error.ts";

const where = "<url>";
const expected = "http:// or https:// and where the service is, as in http://127.0.0.1:3000";

/** Checks what was typed as the address of a service. @throws UsageError */
export function checkServiceAddress(given: string): void {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
  if (isHttp && url?.username === "" && url.password === "") return;
  if (isHttp) {
    // It is not repeated: there is a password in it.
    throw new UsageError("The address of a service holds no user and no password", {
      where,
      expected,
      hint: "Give the token in the variable ATOMIC_TOKEN, or in a file by --token-file.",
    });
  }
  const isHost = /^[\w.-]+(:\d+)?(\/\S*)?$/.test(given);
  throw new UsageError(`${isHost ? given : "That"} is no address of a service`, {
    where,
    expected,
    got: isHost ? given : undefined,
    hint: isHost ? `Did you mean http://${given}?` : undefined,
  });
}
