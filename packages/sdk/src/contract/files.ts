import { Secret } from "../secret.ts"
import type { FileFacts } from "../files.ts"
import { failure, refuse } from "./answer.ts"
import type { Served } from "./bridge.ts"
import { ContractError } from "./error.ts"
import { limits, mebibytes } from "./limits.ts"
import type { Requests } from "./requests.ts"
import { INLINE, inlineText } from "./shell-text.ts"
import { environmentVariables } from "./variables.ts"

/** What `files.stat` answers on the channel, which knows no dates. */
export type FileAnswer = Omit<FileFacts, "modifiedAt"> & { modifiedAt: string }

/** Bits of a mode that say what kind of file it is (inode(7)). */
const KIND_BITS = 0o170000
const kinds: Readonly<Record<number, FileFacts["kind"]>> = { 0o100000: "file", 0o040000: "directory" }
const PERMISSION_BITS = 0o7777

/** Serves a call's `files`: `files.sh` does it on the host, as the connection's OS user. */
export class FileRequests {
  readonly #served: Served

  constructor(served: Served) {
    this.#served = served
  }

  /** @returns the content, in base64 */
  async read({ user, path, maxBytes = limits.fileBytes }: Requests["read"]): Promise<string> {
    const [word, detail] = await this.#ask("read", user, { path, limit: maxBytes })
    const size = word === "large" ? Number(detail) : Buffer.byteLength(detail, "base64")
    if (word !== "ok" && word !== "large") throw wrong(path, word, detail)
    if (size > maxBytes) throw unusable(`${path} is larger than ${mebibytes(maxBytes)}.`)
    return detail
  }

  async write({ user, path, content, mode }: Requests["write"]): Promise<void> {
    const base64 = content instanceof Secret ? content.reveal() : content
    if (content instanceof Secret) this.#served.redactor.add(new Secret(Buffer.from(base64, "base64").toString()))
    if (Buffer.byteLength(base64, "base64") > limits.fileBytes) throw unusable(`What ${path} is to hold is larger than ${mebibytes(limits.fileBytes)}.`)
    const [word, detail] = await this.#ask("write", user, { path, mode, stdin: base64 })
    if (word !== "ok") throw wrong(path, word, detail)
  }

  async stat({ user, path }: Requests["stat"]): Promise<FileAnswer | undefined> {
    const [word, detail] = await this.#ask("stat", user, { path })
    if (word === "missing") return undefined
    if (word !== "ok") throw wrong(path, word, detail)
    const [bits = "", size, uid, gid, seconds] = detail.split(" ")
    const raw = Number.parseInt(bits, 16)
    return {
      kind: kinds[raw & KIND_BITS] ?? "other", sizeBytes: Number(size), mode: raw & PERMISSION_BITS, uid: Number(uid), gid: Number(gid),
      modifiedAt: new Date(Number(seconds) * 1000).toISOString(),
    }
  }

  /** The one line that `files.sh` answers: a word and what goes with it. */
  async #ask(verb: string, user: string | undefined, { path, limit, mode, stdin = "" }: { path: string; limit?: number; mode?: number | undefined; stdin?: string }): Promise<[string, string]> {
    const { host, programs, signal, onStderr, redactor } = this.#served
    const variables = environmentVariables({ FILE_VERB: verb, FILE_PATH: path, FILE_LIMIT: String(limit ?? 0), FILE_MODE: mode === undefined ? "" : mode.toString(8) })
    const { timeoutMs } = limits
    const outcome = await host.run({ argv: ["bash", "-c", INLINE], user, cwd: "/", stdin: inlineText(variables + programs.files, stdin), timeoutMs, signal, onStderr })
    refuse("files.sh", outcome, { timeoutMs, wholeOutput: true, redactor })
    const [, word, detail = ""] = /^(\w+) (.*)\n$/s.exec(outcome.stdout) ?? []
    if (outcome.exitCode !== 0 || word === undefined) throw failure("files.sh", outcome, redactor)
    return [word, detail]
  }
}

const unusable = (message: string) => new ContractError("file_unusable", message)

function wrong(path: string, word: string, detail: string): ContractError {
  if (word === "missing") return new ContractError("file_missing", `There is no ${path}.`)
  if (word === "denied") return new ContractError("file_denied", `${path}: ${detail}.`)
  return unusable(`${path} can't be used: ${detail}.`)
}
