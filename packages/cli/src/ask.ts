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

/** Asks on the terminal; with `hidden` nothing that is typed shows. */
export function ask(question: string, { hidden = false } = {}): Promise<string> {
  return hidden ? askHidden(question) : askOpenly(question)
}

function askOpenly(question: string): Promise<string> {
  const line = createInterface({ input: process.stdin, output: process.stderr })
  return new Promise((resolve, reject) => {
    line.once("SIGINT", () => {
      line.close()
      process.stderr.write("\n")
      reject(interrupted())
    })
    line.question(question, (answer) => {
      line.close()
      resolve(answer)
    })
  })
}

function askHidden(question: string): Promise<string> {
  const { stdin, stderr } = process
  stderr.write(question)
  stdin.setRawMode(true)
  stdin.setEncoding("utf8")
  stdin.resume()
  return new Promise((resolve, reject) => {
    let typed = ""
    const end = (): void => {
      stdin.off("data", read)
      stdin.setRawMode(false)
      stdin.pause()
      stderr.write("\n")
    }
    const read = (chunk: string): void => {
      for (const key of chunk) {
        if (key === "\r" || key === "\n" || key === "\u0004") {
          end()
          resolve(typed)
          return
        }
        if (key === "\u0003") {
          end()
          reject(interrupted())
          return
        }
        if (key === "\u007f" || key === "\b") typed = typed.replace(/.$/su, "")
        else typed += key
      }
    }
    stdin.on("data", read)
  })
}

/** Asks before something is lost for good. */
export async function confirm(question: string, yes: boolean | undefined): Promise<void> {
  if (yes === true) return
  if (!canAsk()) throw new UsageError("There is no terminal to ask whether you are sure.", "Say --yes if you are.")
  const answer = await ask(`${question} [y/N] `)
  if (!/^y(es)?$/i.test(answer.trim())) throw new InterruptedError("Nothing was done.", "Say y, or give --yes.")
}

const interrupted = () => new InterruptedError("Interrupted; nothing was done.", "Run the command again.")
