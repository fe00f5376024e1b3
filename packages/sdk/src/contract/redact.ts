import { Secret } from "../secret.ts"
import { quote } from "./quote.ts"

const MASK = "[secret]"

/** Lines of a secret shorter than this are not looked for by themselves: a key's `}` or `=` stands in other texts, too. */
const LINE_MINIMUM = 6

/** Takes secrets out of texts. */
export interface Redactor {
  /** Remembers every secret in a value, however deep. */
  add(value: unknown): void
  /** The text with every remembered secret replaced. */
  text(text: string): string
}

/** A redactor that knows no secret yet; each call has its own. @param options.and learns what this one does */
export function createRedactor({ and }: { and?: Redactor } = {}): Redactor {
  const known = new Set<string>()
  let pattern: RegExp | undefined
  const remember = (secret: string) => {
    const before = known.size
    for (const form of formsOf(secret)) known.add(form)
    if (known.size > before) pattern = undefined
  }
  return {
    add: (value) => {
      eachSecret(value, remember)
      and?.add(value)
    },
    text: (text) => {
      if (known.size === 0) return text
      pattern ??= new RegExp([...known].sort((a, b) => b.length - a.length).map(escaped).join("|"), "g")
      return text.replace(pattern, MASK)
    },
  }
}

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)

function eachSecret(value: unknown, found: (secret: string) => void): void {
  if (value instanceof Secret) found(value.reveal())
  else if (typeof value === "object" && value !== null) for (const item of Object.values(value)) eachSecret(item, found)
}

/** How a secret may look in what programs print: as it is, in JSON and in a pointer into it, in a URL, in a trace of the shell and as its `printf %q` has it, line by line. */
function formsOf(secret: string): string[] {
  const inJson = JSON.stringify(secret).slice(1, -1)
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= LINE_MINIMUM)
  return [secret, inJson, inPointer(secret), inPointer(inJson), inUrl(secret), inShell(secret), escapedInShell(secret), ...lines].filter((form) => form !== "")
}

/** As the name of a property (RFC 6901). */
const inPointer = (text: string) => text.replaceAll("~", "~0").replaceAll("/", "~1")

/** Half a surrogate pair fits into no URL; UTF-8 replaces it. */
const inUrl = (text: string) => encodeURIComponent(Buffer.from(text).toString())

const inShell = (text: string) => (text.includes("\0") ? text : quote(text))

const escapedInShell = (text: string) => text.replaceAll(/[\s'"\\|&;()<>!{}*[\]?^$`,]|^[#~]/g, String.raw`\$&`)
