export { fromValibot } from "./from-valibot.ts";
