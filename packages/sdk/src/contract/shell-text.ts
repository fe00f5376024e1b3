import { ContractError } from "./error.ts"

/** Reads the shell text up to a NUL from standard input and becomes it; what follows is the command's own input. */
export const INLINE = `IFS= read -r -d '' VENEER_INPUT; eval "$VENEER_INPUT"`

/** What such a bash is given on standard input: a text to run, and that text's own input. */
export function inlineText(text: string, stdin: string): string {
  if (text.includes("\0")) throw new ContractError("plugin_failed", "A command holds a NUL character.")
  return `unset -v VENEER_INPUT\n${text}\n\0${stdin}`
}
