import { createInterface } from "node:readline"
import { InterruptedError, UsageError } from "./errors.ts"

let lines: AsyncIterator<string> | undefined

/** Whether there is somebody to ask. */
export const canAsk = (): boolean => process.stdin.isTTY && process.stderr.isTTY

/** The next line of a standard input that is no terminal. */
export async function nextLine(what: string): Promise<string> {
  lines ??= createInterface({ input: process.stdin, crlfDelay: Infinity })[Symbol.asyncIterator]()
  const { done, value } = await lines.next()
  process.stdin.pause()
  if (done === true) throw new UsageError(`Standard input has no line for ${what}.`, "Write one line for each value given as `-`.")
  return value
}

/** How an answer is read. */
export interface AskOptions {
  /** Nothing that is typed shows. */
  hidden?: boolean
  /** Several lines are read, up to an empty one. */
  several?: boolean
}

/** Asks on the terminal. */
export async function ask(question: string, { hidden = false, several = false }: AskOptions = {}): Promise<string> {
  const terminal = hidden ? hiddenLines() : openLines()
  try {
    const first = await terminal.next(question)
    if (!several) return first
    const answer: string[] = []
    for (let line = first; line !== ""; line = await terminal.next("")) answer.push(line)
    return answer.join("\n")
  } finally {
    terminal.close()
  }
}

/** Reads lines from the terminal, one after another. */
interface Lines {
  next(question: string): Promise<string>
  close(): void
}

function openLines(): Lines {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  let refuse: ((reason: Error) => void) | undefined
  terminal.once("SIGINT", () => {
    process.stderr.write("\n")
    refuse?.(interrupted())
  })
  terminal.once("close", () => refuse?.(interrupted()))
  return {
    next: (question) =>
      new Promise((resolve, reject) => {
        refuse = reject
        terminal.question(question, resolve)
      }),
    close: () => terminal.close(),
  }
}

/** What is pasted may hold several lines at once: those not asked for yet wait. */
function hiddenLines(): Lines {
  const { stdin, stderr } = process
  let waiting = ""
  let typed = ""
  let arrived: (() => void) | undefined
  const read = (chunk: string): void => {
    waiting += chunk
    arrived?.()
  }
  stdin.setRawMode(true)
  stdin.setEncoding("utf8")
  stdin.on("data", read)
  stdin.resume()
  return {
    next: async (question) => {
      stderr.write(question)
      typed = ""
      for (;;) {
        const [key] = waiting
        if (key === undefined) {
          await new Promise<void>((resolve) => (arrived = resolve))
          continue
        }
        waiting = waiting.slice(key.length)
        if (key === "\r" && waiting.startsWith("\n")) waiting = waiting.slice(1)
        if (key === "\r" || key === "\n" || key === "\u0004") break
        if (key === "\u0003") throw interrupted()
        typed = key === "\u007f" || key === "\b" ? typed.replace(/.$/su, "") : typed + key
      }
      stderr.write("\n")
      return typed
    },
    close: () => {
      stdin.off("data", read)
      stdin.setRawMode(false)
      stdin.pause()
    },
  }
}

/** Asks before something is lost for good. */
export async function confirm(question: string, yes: boolean | undefined): Promise<void> {
  if (yes === true) return
  if (!canAsk()) throw new UsageError("There is no terminal to ask whether you are sure.", "Say --yes if you are.")
  const answer = await ask(`${question} [y/N] `)
  if (!/^y(es)?$/i.test(answer.trim())) throw new InterruptedError("Nothing was done.", "Say y, or give --yes.")
}

const interrupted = () => new InterruptedError("Interrupted; nothing was done.", "Run the command again.")
