import type { Schema } from "@veneer/sdk/values"
import { ask, canAsk, nextLine } from "../ask.ts"
import { UsageError } from "../errors.ts"
import { fill } from "./fill.ts"
import { assign, isTree, Raw, split, type Tree } from "./parse.ts"
import { textFile, wholeFile } from "./text-file.ts"
import { typed } from "./typed.ts"

/** What a person gave of parameters and hooks. */
export interface ParameterOptions {
  param?: readonly string[] | undefined
  /** A file with a JSON object; `-` is standard input. */
  params?: string | undefined
  /** Go through every field of the form. */
  ask?: boolean | undefined
}

/** Puts parameters together from a file, the command line and, on a terminal, questions for what is required and missing. */
export async function collect({ param = [], params, ask: everything = false }: ParameterOptions, schema: Schema): Promise<Record<string, unknown>> {
  if (everything && !canAsk()) throw new UsageError("There is no terminal to ask at.", "Give parameters as --param name=value, or in a file with --params.")
  const tree = params === undefined ? {} : await objectIn(params)
  for (const assignment of param) {
    const { path, text } = split(assignment)
    assign(tree, path, await given(text, path.join(".")))
  }
  if (canAsk()) await fill(schema, tree, { everything })
  const complete = typed(schema, tree)
  return isTree(complete) ? complete : {}
}

/** Scripts by hook point, from `point=@file`. */
export async function collectHooks(hooks: readonly string[] = []): Promise<Record<string, string>> {
  const read = hooks.map(async (hook) => {
    const equals = hook.indexOf("=")
    const file = hook.slice(equals + 1)
    if (equals < 1 || !file.startsWith("@")) throw new UsageError(`--hook ${hook} names no script.`, "Write it as point=@file, such as post-refresh=@mask.sh.")
    return [hook.slice(0, equals), await wholeFile(file.slice(1))] as const
  })
  return Object.fromEntries(await Promise.all(read))
}

/** `-` asks, `@file` reads, `@@…` is text that begins with an @; all else is what it says. */
async function given(text: string, name: string): Promise<Raw> {
  if (text === "-") return new Raw(canAsk() ? await ask(`${name}: `, { hidden: true }) : await nextLine(name))
  if (text.startsWith("@@")) return new Raw(text.slice(1))
  if (text.startsWith("@")) return new Raw(await textFile(text.slice(1)))
  return new Raw(text)
}

async function objectIn(file: string): Promise<Tree> {
  const text = file === "-" ? await standardInput() : await wholeFile(file)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new UsageError(`${file} holds no JSON.`, cause instanceof Error ? cause.message : undefined)
  }
  if (!isTree(value)) throw new UsageError(`${file} holds no JSON object.`, "Write the parameters as one object: {\"port\": 6001}.")
  return value
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString("utf8")
}
