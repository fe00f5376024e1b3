import type { Method } from "@veneer/sdk/call"

/** What a scripted host does when something is asked of it. Of objects, errors are thrown, and what {@link inTurn} and {@link after} made is done. */
export type Answer = ((call: ScriptedCall) => unknown) | object | string | number | boolean | null | undefined

/** One thing that was asked of a scripted host. */
export interface ScriptedCall {
  /** The operation that asked: `virtual.configure`. */
  operation: string
  /** How: `script`, `detached`, `bash`, `exec`, `expect`, `powershell`, `sync`, `read`, `write`, `stat`. */
  method: Method
  /** A script's file, a program with its arguments, or the text of an inline command. */
  name: string
  /** Variables of the script or command; secrets are `Secret`s. */
  variables: Readonly<Record<string, unknown>>
  /** OS user that was asked for; undefined is the environment's own. */
  user: string | undefined
  cwd: string | undefined
  /** All that was asked, as the plugin gave it. */
  params: Readonly<Record<string, unknown>>
}

/** Answers in turn: the first call gets the first, and so on; the last one stays. */
export class InTurn {
  readonly #answers: readonly Answer[]
  #next = 0

  constructor(answers: readonly Answer[]) {
    this.#answers = answers
  }

  next(): Answer {
    const index = Math.min(this.#next++, this.#answers.length - 1)
    return this.#answers[index]
  }
}

/** An answer that takes its time. */
export class After {
  readonly delayMs: number
  readonly answer: Answer

  constructor(delayMs: number, answer: Answer) {
    this.delayMs = delayMs
    this.answer = answer
  }
}

/**
 * Answers in turn; the last one is repeated.
 *
 * @example
 * scriptedHost({ "status.sh": inTurn({ state: "inactive" }, { state: "active" }) })
 */
export const inTurn = (first: Answer, ...rest: readonly Answer[]): InTurn => new InTurn([first, ...rest])

/**
 * An answer that comes after a while, or not at all when the call is cancelled first.
 *
 * @example
 * scriptedHost({ "start.sh": after(50, new UserError("The port is taken.", { code: "port_taken", action: "Choose another." })) })
 */
export const after = (delayMs: number, answer: Answer): After => new After(delayMs, answer)
