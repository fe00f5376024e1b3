import type { FileFacts, Files } from "../files.ts"
import type { Connection } from "../run.ts"
import { Secret } from "../secret.ts"
import type { Method } from "./method.ts"

/** Bytes cross the channel in base64: it carries JSON. */
export function filesOf(ask: (method: Method, where: Connection, params: object) => Promise<unknown>): Files {
  const readBytes = async (where: Connection, path: string, options: object = {}) => Buffer.from(String(await ask("read", where, { path, ...options })), "base64")
  return {
    readBytes,
    read: async (where, path, options) => textOf(await readBytes(where, path, options), path),
    write: async (where, path, content, { mode } = {}) => {
      const base64 = Buffer.from(content instanceof Secret ? content.reveal() : content).toString("base64")
      await ask("write", where, { path, content: content instanceof Secret ? new Secret(base64) : base64, ...(mode !== undefined && { mode }) })
    },
    stat: async (where, path) => factsOf(await ask("stat", where, { path })),
  }
}

function textOf(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw Object.assign(new Error(`${path} is no UTF-8 text.`), { name: "EngineError", code: "file_unusable", action: "Read it with readBytes, or convert it." })
  }
}

/** A time is text on the channel. */
function factsOf(answer: unknown): FileFacts | undefined {
  if (answer === undefined || answer === null) return undefined
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what whoever serves `stat` answers
  const facts = answer as Omit<FileFacts, "modifiedAt"> & { modifiedAt: string }
  return { ...facts, modifiedAt: new Date(facts.modifiedAt) }
}
