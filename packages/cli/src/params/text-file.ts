import { readFile } from "node:fs/promises"
import { UsageError } from "../errors.ts"

/** The text of a file, less the line break at its end. @throws UsageError */
export async function textFile(file: string): Promise<string> {
  return (await wholeFile(file)).replace(/\r?\n$/, "")
}

/** All of it. @throws UsageError */
export async function wholeFile(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8")
  } catch (cause) {
    throw new UsageError(`${file} can't be read.`, cause instanceof Error ? cause.message : undefined)
  }
}
